type Json = Readonly<Record<string, unknown>>

/** A line of a function's log, taken apart. */
export interface LogEntry {
  /** Whose it is: the function's own, Lambda's (an invocation's start and end), metrics; or a text that is no JSON. */
  readonly kind: 'own' | 'runtime' | 'metrics' | 'text'
  readonly time: string
  /** `INFO`, `ERROR` ...; empty but for the function's own lines. */
  readonly level: string
  readonly message: string
  /** What is left, `name=value`, with quotation marks where a value has spaces. */
  readonly fields: string
}

/** Fields that a line says at its beginning, or that are the same on all lines of a log. */
const SAID = new Set(['timestamp', 'level', 'message', 'function'])

/** @param at when CloudWatch received the line, ISO 8601 */
export function logEntry(at: string, line: string): LogEntry {
  const parsed = jsonOf(line)
  if (!parsed) return { kind: 'text', time: at, level: '', message: line, fields: '' }
  const time = String(parsed.timestamp ?? parsed.time ?? at)
  if (typeof parsed.type === 'string' && parsed.type.startsWith('platform.')) {
    const message = parsed.type.slice('platform.'.length)
    return { kind: 'runtime', time, level: '', message, fields: fieldsOf(flat(parsed.record)) }
  }
  if ('_aws' in parsed) {
    const { _aws: _, ...metrics } = parsed
    return { kind: 'metrics', time, level: '', message: 'metrics', fields: fieldsOf(metrics) }
  }
  const { message = '' } = parsed
  return {
    ...{ kind: 'own', time, level: String(parsed.level ?? '') },
    message: typeof message === 'string' ? message : JSON.stringify(message),
    fields: fieldsOf(Object.fromEntries(Object.entries(parsed).filter(([name]) => !SAID.has(name)))),
  }
}

/** The line as an object, if it is one. */
export function jsonOf(line: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined
  } catch {
    return undefined
  }
}

/** The metrics of a report stand beside its status. */
function flat(record: unknown): Json {
  const { metrics, ...rest } = (record ?? {}) as Json & { readonly metrics?: Json }
  return { ...rest, ...metrics }
}

/** `name=value`, with quotation marks where a value has spaces. */
const fieldsOf = (fields: Json): string =>
  Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${shownValue(value)}`)
    .join(' ')

function shownValue(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value)
  return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value)
}
