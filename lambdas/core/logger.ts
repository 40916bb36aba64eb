import { codeOf, messageOf } from './errors.ts'

/** The fields of a log line besides its message: topic, partition, offset, counts. Never a whole event. */
export type LogFields = Readonly<Record<string, unknown>>

/** Writes one JSON object a line to standard output, in the shape of Lambda's own JSON log format. */
export interface Logger {
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

/** An error as log fields; with a stack only if nobody translated it. */
export const errorFields = (error: unknown): LogFields => ({
  errorCode: codeOf(error),
  errorMessage: messageOf(error),
  ...(error instanceof Error && error.name !== 'KeeperError' ? { stack: error.stack } : {}),
})

/**
 * A logger that adds `context` to every line. It writes to the stream, because the Lambda runtime wraps console output
 * in JSON again; the JSON log format passes well-formed JSON with `level` and `timestamp` through.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
 */
export function createLogger(
  context: LogFields = {},
  write: (line: string) => void = (line) => void process.stdout.write(line),
): Logger {
  const log =
    (level: string) =>
    (message: string, fields: LogFields = {}) =>
      write(
        `${JSON.stringify({ timestamp: new Date().toISOString(), level, message, ...context, ...fields })}\n`,
      )
  return { info: log('INFO'), warn: log('WARN'), error: log('ERROR') }
}
