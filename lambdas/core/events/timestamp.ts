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

/** The time that a text means, or undefined where it is no ISO 8601 date or time that exists. */
export function parseEventTime(text: string): EventTime | undefined {
  const match = ISO_8601.exec(text.trim())
  if (!match) return undefined
  const [
    ,
    year = '',
    month = '',
    day = '',
    hour = '00',
    minute = '00',
    second = '00',
    fraction = '',
    zone = 'Z',
  ] = match
  if (!isDate(Number(year), Number(month), Number(day))) return undefined
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  const offset = offsetMs(zone)
  if (offset === undefined) return undefined
  const ms = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  )
  const micros = fraction === '' ? 0 : Number(fraction.padEnd(6, '0').slice(0, 6))
  if (offset !== 0) return eventTimeOf(ms - offset, micros)
  return {
    text: `${year}-${month}-${day}T${hour}:${minute}:${second}${fractionOf(micros)}Z`,
    micros: ms * 1000 + micros,
  }
}

/** The time of a Kafka record's timestamp, in milliseconds since 1970. */
export const eventTimeOfMs = (ms: number): EventTime =>
  eventTimeOf(Math.floor(ms / 1000) * 1000, (((ms % 1000) + 1000) % 1000) * 1000)

function eventTimeOf(wholeSecondMs: number, micros: number): EventTime {
  const seconds = new Date(wholeSecondMs).toISOString().slice(0, 19)
  return { text: `${seconds}${fractionOf(micros)}Z`, micros: wholeSecondMs * 1000 + micros }
}

const fractionOf = (micros: number): string => (micros === 0 ? '' : `.${String(micros).padStart(6, '0')}`)

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** False for the 30th of February, which Date would carry over into March. */
function isDate(year: number, month: number, day: number): boolean {
  const leapDay = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 1 : 0
  return year >= 1 && day >= 1 && day <= (DAYS[month - 1] ?? 0) + leapDay
}

function offsetMs(zone: string): number | undefined {
  if (zone.toUpperCase() === 'Z') return 0
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(3).replace(':', '') || '0')
  if (hours > 15 || minutes > 59) return undefined
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000
}
