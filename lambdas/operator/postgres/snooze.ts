import { boolean, object, optional, pipe, regex, string, transform } from 'valibot'
import { KeeperError } from '../../core/errors.ts'
import { operation } from '../operation.ts'
import { writtenTime } from '../written-time.ts'
import { changingWatches } from './changing-watches.ts'
import { domain, product, user } from './inputs.ts'
import { iso } from './page.ts'
import { type WatchSummary, watchOf } from './watch-rows.ts'

const reference = { watch: product, domain: optional(domain), user: optional(user) }

/** A day, or a time with its zone. */
export const snoozeEnd = pipe(
  string('a day is a string'),
  transform((text) => text.trim()),
  regex(
    /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d))?$/,
    'write a day like 2026-12-24, or a time with its zone like 2026-12-24T18:00Z',
  ),
)

/** A watch whose alerts are held. */
export interface Snoozed extends WatchSummary {
  /** Null once it is over. */
  readonly snoozedUntil: string | null
  /** Whether a price at the target or below is told all the same. */
  readonly letsTargetThrough: boolean
}

/** Of several watches, `$1`. A day begins by the clock of each watch's user. */
export const SNOOZE = `
update watches as watch
set snoozed_until = case when $2 like '%T%' then $2::timestamptz else $2::timestamp at time zone users.time_zone end,
  snooze_lets_target_through = $3, updated_at = now()
from users
where watch.id = any ($1) and users.id = watch.user_id
  and case when $2 like '%T%' then $2::timestamptz else $2::timestamp at time zone users.time_zone end > now()
returning ${iso('watch.snoozed_until')} as "snoozedUntil"
`

export const snoozeWatch = operation({
  access: 'change',
  does: 'Holds the alerts of a watch until a day or a time; what still holds then is told then.',
  input: object({
    ...reference,
    until: snoozeEnd,
    letTargetThrough: optional(boolean(), false),
  }),
  run: async ({ until, letTargetThrough, ...named }, { pool }): Promise<Snoozed> => {
    if (!isDay(until)) throw new KeeperError('input_invalid', `There is no day ${until}.`)
    const watch = await watchOf(pool(), named)
    const { rows } = await changingWatches(pool(), (client) =>
      client.query<{ snoozedUntil: string }>(SNOOZE, [[watch.id], until, letTargetThrough]),
    )
    if (rows[0]) return { ...watch, ...rows[0], letsTargetThrough: letTargetThrough }
    throw new KeeperError('input_invalid', `${until} is over: a watch is snoozed until a later day.`)
  },
})

export const unsnoozeWatch = operation({
  access: 'change',
  does: 'Tells the alerts of a snoozed watch from now on.',
  input: object(reference),
  run: async (named, { pool }): Promise<Snoozed & { readonly changed: boolean }> => {
    const watch = await watchOf(pool(), named)
    const { rowCount } = await changingWatches(pool(), (client) =>
      client.query(
        `update watches set snoozed_until = null, snooze_lets_target_through = false, updated_at = now()
         where id = $1 and snoozed_until > now()`,
        [watch.id],
      ),
    )
    return { ...watch, snoozedUntil: null, letsTargetThrough: false, changed: rowCount === 1 }
  },
})

/** Whether there is such a day, or such a time. */
export const isDay = (text: string): boolean => writtenTime(text) !== undefined
