import type { ClientBase } from 'pg'
import { LEFT_NEAR } from './near-target.ts'
import { type Observation, type PriceSource, timesOf } from './price-history.ts'

/*
 * Raises alerts for watches whose target is met. The first price that becomes current (is_news) and meets a watch's
 * target raises an alert if none is pending for the watch, and one of these holds:
 * - there was no alert before (SUPERSEDED ones do not count);
 * - the price is below the last alert's price, or the lower one that its message told;
 * - since the last alert the price has been above the threshold: earlier in the batch (above_at), or before the batch
 *   (was_above, looked up once per watch).
 * The history already contains the batch's own rows; was_above skips them by the transaction id that wrote them (xmin),
 * so the result is the same as if each record had come alone. It is a function, price_was_above of
 * migrations/0015_price_history_months.sql: its query is planned once a connection for all months, and reads those since the
 * last alert; in this statement it would be planned for all months with each batch. No price that counts is later than the
 * batch's last one where one of the batch is news.
 * Imported prices neither alert nor rearm: the watch's user has lived with the price as it was shown to them, and an import
 * would else repeat the alerts of all watches whose price rose unseen (docs/events.md).
 * Every lookup is by key, for one product or thousands. Pending alerts are looked up watch by watch, because a join would
 * read all of them.
 * Watches are locked only against deletion.
 * migrations/0009_history_imports.sql has the same rule for a watch that changes; a test compares the two.
 */
const RAISE = `
with ${LEFT_NEAR},
own as materialized (
  select history.xmin as xid
  from (select * from near limit 1) as near
  join price_history as history using (product_id, recorded_at, price)
  where history.source = $1::price_source and history.recorded_at between $2 and $3
),
met as materialized (
  select near.*, watch.id as watch_id, watch.target_price, watch.target_price * 1.01 as threshold
  from near
  join watches as watch on watch.product_id = near.product_id
  where watch.status = 'ACTIVE' and watch.target_price > 0 and near.lowest <= watch.target_price * 1.01
  for key share of watch
),
step as (
  select met.*, last_alert.triggered_price as last_price, last_alert.triggered_at as last_at,
    min(met.recorded_at) filter (
      where met.price > met.threshold and met.recorded_at > last_alert.triggered_at
    ) over (partition by met.watch_id order by met.place) as above_at,
    row_number() over (partition by met.watch_id order by met.place) = 1 as is_first
  from met
  left join lateral (
    select least(alert.triggered_price, alert.told_price) as triggered_price, alert.triggered_at
    from price_alerts as alert
    where alert.watch_id = met.watch_id and alert.status <> 'SUPERSEDED'
    order by alert.triggered_at desc, alert.id desc
    limit 1
  ) as last_alert on true
  where (
    select true from price_alerts as alert where alert.watch_id = met.watch_id and alert.status = 'PENDING'
  ) is null
),
rearmed as (
  select *,
    bool_or(
      case when is_first and last_at is not null
        then price_was_above(product_id, last_at, $3, threshold, (select xid from own)) end
    ) over (partition by watch_id) as was_above
  from step
),
due as (
  select distinct on (watch_id) *
  from rearmed
  where is_news and price <= threshold
    and (last_at is null or price < last_price or above_at <= recorded_at or was_above)
  order by watch_id, place
)
insert into price_alerts (watch_id, triggered_price, target_price, previous_price, triggered_at)
select watch_id, price, target_price, previous_price, recorded_at
from due
order by place, watch_id
on conflict (watch_id) where status = 'PENDING' do nothing
`

/** Raises the alerts for the prices just stored in this transaction, and returns their number. */
export async function raiseAlerts(
  client: ClientBase,
  source: PriceSource,
  stored: readonly Observation[],
): Promise<number> {
  const result = await client.query(RAISE, [source, ...timesOf(stored)])
  return result.rowCount ?? 0
}
