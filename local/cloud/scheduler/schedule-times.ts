import { Cron } from 'croner'
import { CloudError } from '../cloud-error.ts'

/** Milliseconds of the units of a rate expression. */
const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 }

/** Gives the time of the next firing after `afterMs`, in milliseconds since 1970; undefined where there is none. */
export type NextTime = (afterMs: number) => number | undefined

/**
 * Reads a schedule expression: `rate(6 hours)` counts from the start; `cron(0 8 * * ? *)` (minute, hour, day of month,
 * month, day of week from 1 for Sunday, year) and `at(2026-03-28T08:00:00)` hold in their time zone. A time that the
 * change to summer time leaves out is left out; one that comes twice in autumn fires once. The bounds, in milliseconds
 * since 1970, are of repeated schedules only; a rate begins at its start.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 * @throws CloudError `schedule_unreadable` naming the expression
 */
export function scheduleTimes(
  expression: string,
  timeZone: string,
  {
    startMs = 0,
    endMs = Number.POSITIVE_INFINITY,
  }: { readonly startMs?: number; readonly endMs?: number } = {},
): NextTime {
  const until =
    (next: NextTime): NextTime =>
    (afterMs) => {
      const found = next(afterMs)
      return found !== undefined && found <= endMs ? found : undefined
    }
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression)
  if (rate) {
    const periodMs = Number(rate[1]) * (UNIT_MS[rate[2] ?? ''] ?? 0)
    if (periodMs > 0) return until((afterMs) => (afterMs < startMs ? startMs : afterMs + periodMs))
  }
  const once = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)$/.exec(expression)?.[1]
  if (once !== undefined) return onceAt(expression, timeZone, once)
  const fields = /^cron\(([^)]+)\)$/.exec(expression)?.[1]?.trim().split(/\s+/)
  // Exactly one of the two kinds of day is given; the other is `?`.
  if (fields?.length !== 6 || (fields[2] === '?') === (fields[4] === '?')) {
    throw unreadable(expression, timeZone)
  }
  try {
    // croner's fields begin with the seconds; its alternative week days are AWS's, and 0/15 is a sloppy range to it.
    const times = new Cron(`0 ${fields.join(' ')}`, {
      timezone: timeZone,
      alternativeWeekdays: true,
      sloppyRanges: true,
      paused: true,
    })
    const next = nextOf(times)
    return until((afterMs) => next(Math.max(afterMs, startMs - 1)))
  } catch (error) {
    throw unreadable(expression, timeZone, error)
  }
}

function onceAt(expression: string, timeZone: string, time: string): NextTime {
  try {
    const atMs = new Cron(time, { timezone: timeZone, paused: true }).nextRun(new Date(0))?.getTime()
    return (afterMs) => (atMs !== undefined && afterMs < atMs ? atMs : undefined)
  } catch (error) {
    throw unreadable(expression, timeZone, error)
  }
}

function nextOf(times: Cron): NextTime {
  const next: NextTime = (afterMs) => {
    const found = times.nextRun(new Date(afterMs))
    // croner moves a time that summer time leaves out to the end of the gap, where the expression does not match.
    return found && !times.match(found) ? next(found.getTime()) : found?.getTime()
  }
  // A time zone that is not known shows with the first question.
  next(0)
  return next
}

const unreadable = (expression: string, timeZone: string, cause?: unknown): CloudError =>
  new CloudError(
    'schedule_unreadable',
    `The schedule ${expression} (${timeZone}) cannot be read; it takes rate(6 hours), at(2026-03-28T08:00:00), or cron(0 8 * * ? *) with one ? for a day, and a time zone such as Europe/Berlin.`,
    { cause },
  )
