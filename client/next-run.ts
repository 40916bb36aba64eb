/** Milliseconds of the units of a rate expression. */
const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 }

/** What of a schedule says when it runs. */
export interface Timing {
  readonly expression: string
  readonly timeZone: string
  readonly start?: Date
  readonly end?: Date
  /** When it was made or changed last: a rate without a start counts from there. */
  readonly since?: Date
}

/**
 * When a schedule runs next; undefined where its expression is over or cannot be computed. AWS does not document from
 * when a rate counts after a change, so that the time of a rate is an estimate.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
export async function nextRun(timing: Timing, now: Date): Promise<Date | undefined> {
  const next = rateOf(timing, now) ?? (await calendarOf(timing, now))
  return next && timing.end && next > timing.end ? undefined : next
}

function rateOf({ expression, start, since }: Timing, now: Date): Date | undefined {
  const [, count, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? []
  const periodMs = Number(count ?? 0) * (UNIT_MS[unit] ?? 0)
  const from = start ?? since
  if (periodMs === 0 || !from) return undefined
  if (from > now) return from
  const periods = Math.floor((now.getTime() - from.getTime()) / periodMs) + 1
  return new Date(from.getTime() + periods * periodMs)
}

async function calendarOf({ expression, timeZone, start }: Timing, now: Date): Promise<Date | undefined> {
  const [, kind, inner = ''] = /^(cron|at)\((.+)\)$/.exec(expression) ?? []
  if (kind === undefined) return undefined
  const { Cron } = await import('croner')
  const from = start && start > now ? new Date(start.getTime() - 1) : now
  try {
    if (kind === 'at') {
      const once = new Cron(inner, { timezone: timeZone, paused: true }).nextRun(new Date(0))
      return once && once > now ? once : undefined
    }
    // croner's fields begin with the seconds; its alternative week days are AWS's, and 0/15 is a sloppy range to it.
    const times = new Cron(`0 ${inner}`, {
      ...{ timezone: timeZone, alternativeWeekdays: true, sloppyRanges: true, paused: true },
    })
    let next = times.nextRun(from)
    // croner moves a time that summer time leaves out to the end of the gap; AWS leaves it out.
    while (next && !times.match(next)) next = times.nextRun(next)
    return next ?? undefined
  } catch {
    return undefined
  }
}
