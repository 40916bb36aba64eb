import type { ClientBase } from 'pg'
import type { Amount } from '../money.ts'
import { arrayLiteral } from './array-literal.ts'
import type { Observation, PriceSource } from './price-history.ts'

/** An observation that changed the current price to one that the product's highest target may be met by. */
export interface Hit {
  readonly productId: number
  readonly observation: Observation
  readonly previousPrice: Amount | null
}

/*
 * Alerts for watches whose target is met. An alert is due for a watch's first hit where no alert is pending and no
 * alert was made before, or the price is below the last alert's, or the price has been above the threshold since: as
 * far as the history had it when the hit's record came. The batch is in the history by now, so its records behind the
 * hit are left out: the result is the same as if each record had come alone.
 * Whether an alert is pending is asked watch by watch: a join would read all that are pending anywhere.
 * The watch is locked against deletion only.
 */
const RAISE = `
with met as materialized (
  select hit.*, watch.id as watch_id, watch.target_price
  from unnest($2::integer[], $3::bigint[], $4::timestamptz[], $5::numeric[], $6::numeric[])
    as hit (position, product_id, recorded_at, price, previous_price)
  join watches as watch on watch.product_id = hit.product_id
  where watch.status = 'ACTIVE' and watch.target_price > 0 and hit.price <= watch.target_price * 1.01
  for key share of watch
),
due as (
  select distinct on (met.watch_id) met.*
  from met
  left join lateral (
    select alert.triggered_price, alert.triggered_at
    from price_alerts as alert
    where alert.watch_id = met.watch_id
    order by alert.triggered_at desc, alert.id desc
    limit 1
  ) as last_alert on true
  where (
    select true from price_alerts as alert where alert.watch_id = met.watch_id and alert.status = 'PENDING'
  ) is null
  and (
    last_alert.triggered_at is null
    or met.price < last_alert.triggered_price
    or exists (
      select from price_history as seen
      where seen.product_id = met.product_id
        and seen.recorded_at > last_alert.triggered_at and seen.recorded_at <= met.recorded_at
        and seen.time_flag is distinct from 'implausible'
        and seen.price > met.target_price * 1.01
        and not exists (
          select
          from unnest($7::integer[], $8::bigint[], $9::timestamptz[], $10::numeric[])
            as later (position, product_id, recorded_at, price)
          where later.position > met.position and seen.source = $1::price_source
            and later.product_id = seen.product_id
            and later.recorded_at = seen.recorded_at and later.price = seen.price
        )
    )
  )
  order by met.watch_id, met.position
)
insert into price_alerts (watch_id, triggered_price, target_price, previous_price, triggered_at)
select watch_id, price, target_price, previous_price, recorded_at
from due
order by position, watch_id
on conflict (watch_id) where status = 'PENDING' do nothing
`

/**
 * Raises the alerts that a batch's hits call for, and gives their number.
 * @param beside all observations of the batch of the products that were hit, by the product's id
 */
export async function raiseAlerts(
  client: ClientBase,
  source: PriceSource,
  hits: readonly Hit[],
  beside: ReadonlyMap<number, readonly Observation[]>,
): Promise<number> {
  if (hits.length === 0) return 0
  const all = [...beside].flatMap(([productId, observations]) =>
    observations.map((observation) => ({ productId, observation })),
  )
  const result = await client.query(RAISE, [
    source,
    arrayLiteral(hits.map(({ observation }) => observation.position)),
    arrayLiteral(hits.map(({ productId }) => productId)),
    arrayLiteral(hits.map(({ observation }) => observation.time.text)),
    arrayLiteral(hits.map(({ observation }) => observation.price)),
    arrayLiteral(hits.map(({ previousPrice }) => previousPrice)),
    arrayLiteral(all.map(({ observation }) => observation.position)),
    arrayLiteral(all.map(({ productId }) => productId)),
    arrayLiteral(all.map(({ observation }) => observation.time.text)),
    arrayLiteral(all.map(({ observation }) => observation.price)),
  ])
  return result.rowCount ?? 0
}
