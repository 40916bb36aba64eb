import type { Pool } from 'pg'
import type { AlertFacts, ProductFacts } from '../core/mail/message.ts'
import type { Amount } from '../core/money.ts'
import { PRODUCT_FACTS } from './product-facts.ts'
import { type Superseded, type Waits, WHY_SUPERSEDED, whyWaits } from './why-not-told.ts'

/** An alert as things are now. */
export interface AlertToTell {
  readonly messageId: string
  readonly alertId: string
  readonly watchId: string
  readonly productId: string
  readonly product: ProductFacts
  readonly cause: AlertFacts['cause']
  readonly price: Amount
  readonly priceAt: string
  readonly previousPrice: Amount | null
  readonly targetPrice: Amount
  /** Null where it is to be told. */
  readonly whyNot: Superseded | Waits | null
}

/*
 * Read when the message is claimed, right before it is sent: the price may have changed since the alert was raised. Target
 * and price are those of now, since a person who reads the message looks at the shop next.
 * "Lower again": another alert came before, and between the two no price was above the threshold.
 */
const READ = `
select alert.message_id as "messageId", alert.id as "alertId", watch.id as "watchId", product.id as "productId",
  ${PRODUCT_FACTS} as product,
  case when earlier.at is null or exists (
    select from price_history as seen
    where seen.product_id = product.id and seen.recorded_at > earlier.at and seen.recorded_at < alert.triggered_at
      and seen.time_flag is distinct from 'implausible' and seen.price > alert.target_price * 1.01
  ) then 'target-reached' else 'lower-again' end as cause,
  product.current_price as price,
  to_char(product.price_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "priceAt",
  product.previous_price as "previousPrice", watch.target_price as "targetPrice",
  coalesce(${WHY_SUPERSEDED}, ${whyWaits('$2')}) as "whyNot"
from price_alerts as alert
join watches as watch on watch.id = alert.watch_id
join watched_products as product on product.id = watch.product_id
left join lateral (
  select before.triggered_at as at
  from price_alerts as before
  where before.watch_id = alert.watch_id and before.status <> 'SUPERSEDED'
    and (before.triggered_at, before.id) < (alert.triggered_at, alert.id)
  order by before.triggered_at desc, before.id desc
  limit 1
) as earlier on true
where alert.message_id = any ($1::bigint[]) and alert.status in ('PENDING', 'SENT')
order by alert.id
`

/** What messages tell, or have told to one channel and not yet to another. */
export async function readAlerts(
  pool: Pool,
  messages: readonly string[],
  staleMs: number,
): Promise<readonly AlertToTell[]> {
  const { rows } = await pool.query<AlertToTell>(READ, [messages, staleMs])
  return rows
}

/*
 * A superseded alert counts as never made: the alert rule ignores it, and the next price that qualifies raises another. But
 * one that qualified since these alerts were read found them pending and raised none: an alert that is so again is free
 * for another message, as is one that waits.
 */
const LET_GO = `
with now_so as materialized (
  select alert.id, ${WHY_SUPERSEDED} as reason
  from unnest($1::bigint[], $2::bigint[], $3::uuid[]) as given (id, message_id, lease)
  join messages as message on message.id = given.message_id and message.lease_token = given.lease
  join price_alerts as alert on alert.id = given.id and alert.status = 'PENDING'
  join watches as watch on watch.id = alert.watch_id
  join watched_products as product on product.id = watch.product_id
)
update price_alerts as alert
set status = case when now_so.reason is null then 'PENDING' else 'SUPERSEDED' end, reason = now_so.reason,
  message_id = case when now_so.reason is null then null else alert.message_id end
from now_so
where alert.id = now_so.id and alert.status = 'PENDING'
returning alert.status
`

/**
 * Takes alerts that are not told out of messages whose lease this run still holds: superseded ones end, the others are free
 * for another message.
 * @returns how many were superseded
 */
export async function letGo(
  pool: Pool,
  alerts: readonly AlertToTell[],
  leases: ReadonlyMap<string, string>,
): Promise<number> {
  if (alerts.length === 0) return 0
  const { rows } = await pool.query<{ status: string }>(LET_GO, [
    alerts.map(({ alertId }) => alertId),
    alerts.map(({ messageId }) => messageId),
    alerts.map(({ messageId }) => leases.get(messageId)),
  ])
  return rows.filter(({ status }) => status === 'SUPERSEDED').length
}
