import { styleText } from 'node:util'
import { jsonOf, logEntry } from '../../client/log-entry.ts'
import type { LogEvent } from '../../client/logs.ts'
import { clean } from './table.ts'

const COLORS: Readonly<Record<string, 'red' | 'yellow'>> = { ERROR: 'red', FATAL: 'red', WARN: 'yellow' }

/**
 * A line of a function's log: time, level, message and fields. Lines of Lambda itself (an invocation's start and end)
 * and metrics are muted. What is not JSON is shown as it is.
 */
export function logLine({ at, line }: Pick<LogEvent, 'at' | 'line'>): string {
  const { kind, time, level, message, fields } = logEntry(at.toISOString(), line)
  if (kind === 'text') return `${time}       ${clean(message)}`
  if (kind !== 'own') return muted(`${time} ----- ${message} ${fields}`)
  const padded = clean(level.padEnd(5))
  const color = COLORS[level]
  const shown = color ? styleText(color, padded, { stream: process.stdout }) : padded
  return [clean(time), shown, clean(message), ...(fields ? [clean(fields)] : [])].join(' ')
}

/** A line as JSON: its own object, or one that holds its text. */
export const logJson = ({ at, line }: Pick<LogEvent, 'at' | 'line'>): string =>
  JSON.stringify(jsonOf(line) ?? { timestamp: at.toISOString(), message: line })

const muted = (text: string): string => styleText('dim', clean(text).trimEnd(), { stream: process.stdout })
