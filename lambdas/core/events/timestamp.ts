/**
 * An event's time. ISO 8601 with or without a zone; without one it is UTC. Microseconds are kept, since two
 * observations may lie less than a millisecond apart; finer digits are cut off, as Postgres has no place for them.
 */
export interface EventTime {
  /** In UTC, as Postgres reads it: "2026-02-20T12:30:00Z", with six decimals of a second where there are any. */
  readonly text: string
  /** Milliseconds since 1970, for comparing with clocks. */
  readonly ms: number
}

const ISO_8601 =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?$/i

/** The time that a text means, or undefined where it is no ISO 8601 date or time that exists. */
export function parseEventTime(text: string): EventTime | undefined {
  const match = ISO_8601.exec(text.trim())
  if (!match) return undefined
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = match
  const local = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  )
  if (!namesThatInstant(local, Number(month), Number(day), Number(hour), Number(minute), Number(second))) {
    return undefined
  }
  const offset = offsetMs(zone)
  if (offset === undefined || Number(year) < 1) return undefined
  return eventTimeOf(local - offset, Number(fraction.padEnd(6, '0').slice(0, 6)))
}

/** The time of a Kafka record's timestamp, in milliseconds since 1970. */
export const eventTimeOfMs = (ms: number): EventTime =>
  eventTimeOf(Math.floor(ms / 1000) * 1000, (((ms % 1000) + 1000) % 1000) * 1000)

function eventTimeOf(wholeSecondMs: number, micros: number): EventTime {
  const seconds = new Date(wholeSecondMs).toISOString().slice(0, 19)
  const fraction = micros === 0 ? '' : `.${String(micros).padStart(6, '0')}`
  return { text: `${seconds}${fraction}Z`, ms: wholeSecondMs + Math.floor(micros / 1000) }
}

/** False for the 30th of February and the 25th hour, which Date would carry over into the next day. */
function namesThatInstant(
  ms: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
) {
  const date = new Date(ms)
  return (
    date.getUTCMonth() + 1 === month &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute &&
    date.getUTCSeconds() === second
  )
}

function offsetMs(zone: string): number | undefined {
  if (zone.toUpperCase() === 'Z') return 0
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(3).replace(':', '') || '0')
  if (hours > 15 || minutes > 59) return undefined
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000
}
