import type { Pool } from 'pg'
import type { AlertFacts, ProductFacts } from '../core/mail/message.ts'
import type { Amount } from '../core/money.ts'

/** Why an alert is not told: what it would say is not so any more. */
export type Superseded =
  | 'the watch is not active'
  | 'the watch has no target'
  | 'the product is not offered'
  | 'the price is stale'
  | 'the price is above the target'

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
  readonly superseded: Superseded | null
}

/** Why what an alert would say is not so any more, or null. `staleMs` is the parameter of the age at which a price is stale. */
const whySuperseded = (staleMs: string): string => `case
    when watch.status <> 'ACTIVE' then 'the watch is not active'
    when coalesce(watch.target_price, 0) = 0 then 'the watch has no target'
    when product.unavailable_since is not null then 'the product is not offered'
    when product.price_at < now() - ${staleMs}::double precision * interval '1 millisecond' then 'the price is stale'
    when product.current_price <= watch.target_price * 1.01 then null
    else 'the price is above the target'
  end`

/*
 * Read when the message is claimed, right before it is sent: the price may have changed since the alert was raised. Target
 * and price are those of now, since a person who reads the message looks at the shop next.
 * "Lower again": another alert came before, and between the two no price was above the threshold.
 */
const READ = `
select alert.message_id as "messageId", alert.id as "alertId", watch.id as "watchId", product.id as "productId",
  json_build_object(
    'asin', product.asin, 'domain', product.domain, 'title', product.title, 'currency', product.currency
  ) as product,
  case when earlier.at is null or exists (
    select from price_history as seen
    where seen.product_id = product.id and seen.recorded_at > earlier.at and seen.recorded_at < alert.triggered_at
      and seen.time_flag is distinct from 'implausible' and seen.price > alert.target_price * 1.01
  ) then 'target-reached' else 'lower-again' end as cause,
  product.current_price as price,
  to_char(product.price_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "priceAt",
  product.previous_price as "previousPrice", watch.target_price as "targetPrice",
  ${whySuperseded('$2')} as superseded
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
where alert.message_id = any ($1::bigint[]) and alert.status = 'PENDING'
order by alert.id
`

/** The pending alerts of messages. */
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
 * for another message.
 */
const SUPERSEDE = `
with now_so as materialized (
  select alert.id, ${whySuperseded('$4')} as reason
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
 * Marks alerts as superseded, those of messages whose lease this run still holds, and frees those that are so again.
 * @returns how many were superseded
 */
export async function supersede(
  pool: Pool,
  alerts: readonly AlertToTell[],
  leases: ReadonlyMap<string, string>,
  staleMs: number,
): Promise<number> {
  if (alerts.length === 0) return 0
  const { rows } = await pool.query<{ status: string }>(SUPERSEDE, [
    alerts.map(({ alertId }) => alertId),
    alerts.map(({ messageId }) => messageId),
    alerts.map(({ messageId }) => leases.get(messageId)),
    staleMs,
  ])
  return rows.filter(({ status }) => status === 'SUPERSEDED').length
}
