import { Cron } from 'croner'
import { KeeperError } from '../../lambdas/core/errors.ts'

/** Milliseconds of the units of a rate expression. */
const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 }

/** Gives the time of the next firing after `afterMs`, in milliseconds since 1970; undefined where there is none. */
export type NextTime = (afterMs: number) => number | undefined

/**
 * Reads a schedule expression: `rate(6 hours)` counts from the start; `cron(0 8 * * ? *)` (minute, hour, day of month,
 * month, day of week from 1 for Sunday, year) holds in its time zone.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 * @throws KeeperError `schedule_unreadable` naming the expression
 */
export function scheduleTimes(expression: string, timeZone: string): NextTime {
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression)
  if (rate) {
    const periodMs = Number(rate[1]) * (UNIT_MS[rate[2] ?? ''] ?? 0)
    if (periodMs > 0) return (afterMs) => afterMs + periodMs
  }
  const cron = /^cron\(([^)]+)\)$/.exec(expression)?.[1]?.trim().split(/\s+/)
  if (cron?.length === 6) {
    const [minute, hour, dayOfMonth, month, dayOfWeek, year] = cron
    try {
      // croner's fields begin with the seconds; its alternative week days are AWS's.
      const times = new Cron(`0 ${minute} ${hour} ${dayOfMonth} ${month} ${dayOfWeek} ${year}`, {
        timezone: timeZone,
        alternativeWeekdays: true,
        paused: true,
      })
      return (afterMs) => times.nextRun(new Date(afterMs))?.getTime()
    } catch (error) {
      throw unreadable(expression, timeZone, error)
    }
  }
  throw unreadable(expression, timeZone)
}

const unreadable = (expression: string, timeZone: string, cause?: unknown): KeeperError =>
  new KeeperError(
    'schedule_unreadable',
    `The schedule ${expression} (${timeZone}) cannot be read; it takes rate(6 hours) or cron(0 8 * * ? *).`,
    { cause },
  )
