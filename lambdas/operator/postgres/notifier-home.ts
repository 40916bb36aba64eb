import { check, object, optional, pipe, regex, string } from 'valibot'
import { KeeperError } from '../../core/errors.ts'
import { operation } from '../operation.ts'
import { writtenTime } from '../written-time.ts'
import { iso } from './page.ts'

/** Whether the notifier tells people, and what it would tell. Times are ISO 8601 in UTC. */
export interface NotifierState {
  /** Since when it waits, because it found itself in a restored database; null while it tells people. */
  readonly waitsSince: string | null
  /** When somebody last confirmed that people may be told from where it is; null if nobody ever had to. */
  readonly confirmedAt: string | null
  /** Alerts that wait, how many people they are of, and the times of their prices. */
  readonly alerts: {
    readonly pending: number
    readonly users: number
    readonly from: string | null
    readonly to: string | null
  }
  /** Messages that wait, and when the first and the last were made. */
  readonly messages: { readonly pending: number; readonly from: string | null; readonly to: string | null }
}

const STATE = `
select ${iso('home.found_at')} as "waitsSince", ${iso('home.confirmed_at')} as "confirmedAt",
  (
    select json_build_object('pending', count(*), 'users', count(distinct watch.user_id),
      'from', ${iso('min(alert.triggered_at)')}, 'to', ${iso('max(alert.triggered_at)')})
    from price_alerts as alert join watches as watch on watch.id = alert.watch_id
    where alert.status = 'PENDING'
  ) as alerts,
  (
    select json_build_object('pending', count(*), 'from', ${iso('min(created_at)')}, 'to', ${iso('max(created_at)')})
    from messages where status = 'PENDING'
  ) as messages
from (select) as one left join notifier_home as home on true`

export const showNotifier = operation({
  access: 'read',
  does: 'Shows whether the notifier tells people or waits in a restored database, and what it would tell.',
  input: object({}),
  run: async (_, { pool }): Promise<NotifierState> => {
    const { rows } = await pool().query<NotifierState>(STATE)
    if (rows[0]) return rows[0]
    throw new Error('Postgres gave no state of the notifier')
  },
})

const CONFIRM = `
update notifier_home
set home = found, found = null, found_at = null, confirmed_at = now(), told_until = $1::timestamptz
where found is not null`

export const confirmNotifier = operation({
  access: 'change',
  does: 'Lets the notifier tell people from a restored database.',
  input: object({
    toldUntil: optional(
      pipe(
        string(),
        regex(/Z$/, 'a time is such as 2026-02-20T12:00:00Z'),
        check((text) => writtenTime(text) !== undefined, 'a time is such as 2026-02-20T12:00:00Z'),
      ),
    ),
  }),
  run: async ({ toldUntil }, { pool }) => {
    const { rowCount } = await pool().query(CONFIRM, [toldUntil ?? null])
    if (rowCount === 1) return { confirmed: true, toldUntil: toldUntil ?? null }
    throw new KeeperError('not_waiting', 'The notifier does not wait for anybody: nothing was changed.')
  },
})
