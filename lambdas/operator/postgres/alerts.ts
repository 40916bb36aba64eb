import { object, optional, picklist, string } from 'valibot'
import { KeeperError } from '../../core/errors.ts'
import type { Amount } from '../../core/money.ts'
import { operation, type Page } from '../operation.ts'
import { id, user } from './inputs.ts'
import { iso, PAGE_ROWS, pageOf } from './page.ts'
import { personOf } from './people.ts'

const STATUSES = ['PENDING', 'SENT', 'FAILED', 'SUPERSEDED'] as const

/** An alert, with its product and whose it is. */
export interface AlertSummary {
  readonly id: string
  readonly watch: string
  readonly user: string
  readonly asin: string
  readonly domain: string
  readonly title: string
  readonly currency: string
  readonly price: Amount
  readonly target: Amount
  readonly previous: Amount | null
  readonly status: (typeof STATUSES)[number]
  readonly triggeredAt: string
  readonly sentAt: string | null
  readonly channel: string
  /** The message that tells it; null until it is in one. */
  readonly message: string | null
  /** Why it failed or was superseded. */
  readonly reason: string | null
}

const SELECT = `
select alert.id, watch.id as watch, users.email as "user", product.asin, product.domain, product.title,
  product.currency, alert.triggered_price as price, alert.target_price as target, alert.previous_price as previous,
  alert.status, ${iso('alert.triggered_at')} as "triggeredAt", ${iso('alert.sent_at')} as "sentAt",
  alert.notification_channel as channel, alert.message_id as message, alert.reason
from price_alerts as alert
join watches as watch on watch.id = alert.watch_id
join watched_products as product on product.id = watch.product_id
join users on users.id = watch.user_id`

export const listAlerts = operation({
  access: 'read',
  does: 'Lists alerts, the newest first.',
  input: object({
    status: optional(picklist(STATUSES, `a status is one of ${STATUSES.join(', ')}`)),
    user: optional(user),
    cursor: optional(string()),
  }),
  run: async ({ status, user: whose, cursor }, { pool }): Promise<Page<AlertSummary, string>> => {
    const person = whose === undefined ? undefined : await personOf(pool(), whose)
    const { rows } = await pool().query<AlertSummary>(
      `${SELECT} where ($1::bigint is null or alert.id < $1) and ($2::text is null or alert.status = $2)
         and ($3::bigint is null or watch.user_id = $3)
       order by alert.id desc limit ${PAGE_ROWS}`,
      [cursor ?? null, status ?? null, person?.id ?? null],
    )
    return pageOf(rows, (row) => row.id)
  },
})

export const showAlert = operation({
  access: 'read',
  does: 'Shows an alert.',
  input: object({ id }),
  run: async (input, { pool }): Promise<AlertSummary> => {
    const { rows } = await pool().query<AlertSummary>(`${SELECT} where alert.id = $1`, [input.id])
    if (rows[0]) return rows[0]
    const near = await pool().query<{ id: string }>(
      'select id from price_alerts order by abs(id - $1::bigint), id limit 3',
      [input.id],
    )
    const ids = near.rows.map((row) => row.id).join(', ')
    throw new KeeperError(
      'no_such_alert',
      `There is no alert ${input.id}${ids ? `; ids near it: ${ids}` : ''}.`,
    )
  },
})
