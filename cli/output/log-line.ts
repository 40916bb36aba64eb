import { styleText } from 'node:util'
import type { LogEvent } from '../../client/logs.ts'
import { clean } from './table.ts'

type Json = Readonly<Record<string, unknown>>

/** Fields that a line says at its beginning, or that are the same on all lines of a log. */
const SAID = new Set(['timestamp', 'level', 'message', 'function'])

const COLORS: Readonly<Record<string, 'red' | 'yellow'>> = { ERROR: 'red', FATAL: 'red', WARN: 'yellow' }

/**
 * A line of a function's log: time, level, message and fields. Lines of Lambda itself (an invocation's start and end)
 * and metrics are muted. What is not JSON is shown as it is.
 */
export function logLine({ at, line }: LogEvent): string {
  const parsed = jsonOf(line)
  if (!parsed) return `${at.toISOString()}       ${clean(line)}`
  const time = String(parsed.timestamp ?? parsed.time ?? at.toISOString())
  if (typeof parsed.type === 'string' && parsed.type.startsWith('platform.')) {
    return muted(`${time} ----- ${parsed.type.slice('platform.'.length)} ${fieldsOf(flat(parsed.record))}`)
  }
  if ('_aws' in parsed) {
    const { _aws: _, ...metrics } = parsed
    return muted(`${time} ----- metrics ${fieldsOf(metrics)}`)
  }
  const level = String(parsed.level ?? '').padEnd(5)
  const color = COLORS[level.trim()]
  const shown = color ? styleText(color, clean(level), { stream: process.stdout }) : clean(level)
  const { message = '' } = parsed
  const text = typeof message === 'string' ? message : JSON.stringify(message)
  const fields = fieldsOf(Object.fromEntries(Object.entries(parsed).filter(([name]) => !SAID.has(name))))
  return [clean(time), shown, clean(text), ...(fields ? [fields] : [])].join(' ')
}

/** A line as JSON: its own object, or one that holds its text. */
export const logJson = ({ at, line }: LogEvent): string =>
  JSON.stringify(jsonOf(line) ?? { timestamp: at.toISOString(), message: line })

const muted = (text: string): string => styleText('dim', clean(text).trimEnd(), { stream: process.stdout })

function jsonOf(line: string): Json | undefined {
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
    .map(([name, value]) => `${clean(name)}=${shownValue(value)}`)
    .join(' ')

function shownValue(value: unknown): string {
  if (typeof value !== 'string') return clean(JSON.stringify(value))
  return /^[^\s"=]+$/.test(value) ? clean(value) : clean(JSON.stringify(value))
}
