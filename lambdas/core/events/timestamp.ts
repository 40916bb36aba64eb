/**
 * An event's time. ISO 8601 with or without a zone; without one it is UTC. Microseconds are kept, since two
 * observations may lie less than a millisecond apart; finer digits are cut off, as Postgres has no place for them.
 */
export interface EventTime {
  /** In UTC, as Postgres reads it: "2026-02-20T12:30:00Z", with six decimals of a second where there are any. */
  readonly text: string
  /** Microseconds since 1970: exact up to the year 2255, and near enough to tell that a later one is implausible. */
  readonly micros: number
}

const ISO_8601 =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?$/i

/** What producers write; without the groups of the general form it is read in a tenth of the time. */
const PLAIN = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ?$/
const PLAIN_LENGTH = '2026-02-20T12:30:00'.length
const TWO_ZEROS = '0'.charCodeAt(0) * 11

/** The time that a text means, or undefined where it is no ISO 8601 date or time of the years 1 to 9999. */
export function parseEventTime(text: string): EventTime | undefined {
  if (PLAIN.test(text)) {
    const at = (index: number) => text.charCodeAt(index) * 10 + text.charCodeAt(index + 1) - TWO_ZEROS
    const ms = utcMs(at(0) * 100 + at(2), at(5), at(8), at(11), at(14), at(17))
    if (ms === undefined) return undefined
    return { text: text.length === PLAIN_LENGTH ? `${text}Z` : text, micros: ms * 1000 }
  }
  const match = ISO_8601.exec(text.trim())
  if (!match) return undefined
  const [, year, month, day, hour = 0, minute = 0, second = 0, fraction = '', zone = 'Z'] = match
  const ms = utcMs(Number(year), Number(month), Number(day), Number(hour), Number(minute), Number(second))
  const offset = offsetMs(zone)
  if (ms === undefined || offset === undefined) return undefined
  return eventTimeOf(ms - offset, Number(fraction.padEnd(6, '0').slice(0, 6)))
}

/** The time of a Kafka record's timestamp, in milliseconds since 1970; undefined outside of the years 1 to 9999. */
export const eventTimeOfMs = (ms: number): EventTime | undefined =>
  eventTimeOf(Math.floor(ms / 1000) * 1000, (((ms % 1000) + 1000) % 1000) * 1000)

function eventTimeOf(wholeSecondMs: number, micros: number): EventTime | undefined {
  if (wholeSecondMs < FIRST_MS || wholeSecondMs > LAST_MS) return undefined
  const seconds = new Date(wholeSecondMs).toISOString().slice(0, 19)
  return { text: `${seconds}${fractionOf(micros)}Z`, micros: wholeSecondMs * 1000 + micros }
}

const fractionOf = (micros: number): string => (micros === 0 ? '' : `.${String(micros).padStart(6, '0')}`)

/** Of the Gregorian calendar, which repeats itself after them. */
const FOUR_CENTURIES_MS = 146_097 * 86_400_000

/** The bounds of what has a year of four digits, in whole seconds. */
const FIRST_MS = Date.parse('0001-01-01T00:00:00Z')
const LAST_MS = Date.parse('9999-12-31T23:59:59Z')

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Milliseconds since 1970, or undefined where there is no such time: Date would carry the 30th of February over. */
function utcMs(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number | undefined {
  const leapDay = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 1 : 0
  const isDate = year >= 1 && day >= 1 && day <= (DAYS[month - 1] ?? 0) + leapDay
  if (!isDate || hour > 23 || minute > 59 || second > 59) return undefined
  // Date.UTC takes a year below 100 for one of the 20th century.
  return Date.UTC(year + 400, month - 1, day, hour, minute, second) - FOUR_CENTURIES_MS
}

function offsetMs(zone: string): number | undefined {
  if (zone.toUpperCase() === 'Z') return 0
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(3).replace(':', '') || '0')
  if (hours > 15 || minutes > 59) return undefined
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000
}
