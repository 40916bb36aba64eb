import { format } from 'node:util'

/**
 * Lambda's JSON log format: what a handler gives to the console becomes one line with level, time and request. A text
 * that is a JSON object already, such as a line of embedded metrics, stays as it is.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
 */
const LEVELS = {
  trace: 'TRACE',
  debug: 'DEBUG',
  log: 'INFO',
  info: 'INFO',
  warn: 'WARN',
  error: 'ERROR',
} as const

/** Has the console write that format; `requestId` gives the request under way. */
export function captureConsole(requestId: () => string | undefined): void {
  for (const [method, level] of Object.entries(LEVELS) as [keyof typeof LEVELS, string][]) {
    const stream = level === 'ERROR' || level === 'WARN' ? process.stderr : process.stdout
    console[method] = (...values: unknown[]) => {
      const text = values.length === 1 && isJsonObject(values[0])
      stream.write(`${text ? values[0] : lineOf(level, requestId(), values)}\n`)
    }
  }
}

/** One line of the log: a single value as it is where JSON can hold it, several as the console would put them. */
export function lineOf(level: string, requestId: string | undefined, values: readonly unknown[]): string {
  const error = values.find((value) => value instanceof Error)
  const head = { timestamp: new Date().toISOString(), level, requestId }
  if (values.length === 1 && !error) {
    try {
      return JSON.stringify({ ...head, message: values[0] })
    } catch {
      return JSON.stringify({ ...head, message: format(values[0]) })
    }
  }
  if (values.length === 1 && error) return JSON.stringify({ ...head, message: partsOf(error) })
  return JSON.stringify({ ...head, message: format(...values), ...(error && partsOf(error)) })
}

const partsOf = (error: Error) => ({
  errorType: error.name,
  errorMessage: error.message,
  stackTrace: (error.stack ?? '').split('\n'),
})

function isJsonObject(value: unknown): boolean {
  if (typeof value !== 'string' || !value.startsWith('{')) return false
  try {
    JSON.parse(value)
    return true
  } catch {
    return false
  }
}
