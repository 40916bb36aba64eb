import type { ClientBase } from 'pg'
import type { Amount } from '../money.ts'

/** Where a history row came from: the price topic or the deal topic. */
export type PriceSource = 'kafka_prices' | 'kafka_deals'

/** Why the event's own time is not taken at its word; see the type time_flag in migrations/0001_schema.sql. */
export type TimeFlag = 'record_time' | 'implausible'

/** One observed price of a product that the caller has locked. */
export interface Observation {
  readonly productId: string
  readonly price: Amount
  /** Event time, as Postgres reads it. */
  readonly recordedAt: string
  readonly timeFlag: TimeFlag | null
  readonly title: string
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/** What was new. All zero for records that were delivered before. */
export interface StoredObservations {
  readonly historyRows: number
  readonly alerts: number
}

/*
 * All that follows from a batch of prices, in one statement. What is new is what the history insert returned, so a
 * record that was delivered before changes nothing.
 *
 * - fresh: the observations that were not known yet.
 * - news: those that change the current price. Read in order, each is at least as new as all before it and as the
 *   product's price_at; what is older is history only. Equal times are news: two topics may see the same minute.
 * - titled: the product's last title among the news; a price without a title does not take a known one away.
 * - previous_price of news is the price of the news before it, or the product's.
 * - hits: news at or under 101 % of an active watch's target, with the watch's last alert. The watch is locked against
 *   deletion only.
 * - An alert is due for the first hit of a watch that has no pending alert, where no alert was made before, or the
 *   price is below the last alert's, or has been above the threshold since: in history as it was before this batch
 *   (a statement does not see its own inserts), or in an earlier record of this batch.
 *
 * So the result is the same as if each record had come alone, however records are cut into batches.
 */
const STORE = `
with fresh as (
  insert into price_history (product_id, recorded_at, source, price, time_flag, topic, partition, "offset")
  select product_id, recorded_at, $9::price_source, price, time_flag, topic, partition, "offset"
  from unnest(
    $1::bigint[], $2::timestamptz[], $3::numeric[], $4::time_flag[], $5::text[], $6::integer[], $7::bigint[]
  ) as observation (product_id, recorded_at, price, time_flag, topic, partition, "offset")
  on conflict do nothing
  returning product_id, recorded_at, price, time_flag, partition, "offset"
),
dated as (
  select fresh.product_id, fresh.recorded_at, fresh.price, fresh.partition, fresh."offset",
    product.current_price,
    greatest(
      product.price_at,
      max(fresh.recorded_at) over (
        partition by fresh.product_id order by fresh.partition, fresh."offset"
        rows between unbounded preceding and 1 preceding
      )
    ) as newest_before
  from fresh
  join watched_products as product on product.id = fresh.product_id
  where fresh.time_flag is distinct from 'implausible'
),
news as (
  select product_id, recorded_at, price, partition, "offset",
    coalesce(lag(price) over in_order, current_price) as previous_price,
    row_number() over (partition by product_id order by partition desc, "offset" desc) = 1 as is_last
  from dated
  where newest_before is null or recorded_at >= newest_before
  window in_order as (partition by product_id order by partition, "offset")
),
titled as (
  select distinct on (news.product_id) news.product_id, given.title
  from news
  join unnest($6::integer[], $7::bigint[], $8::text[]) as given (partition, "offset", title)
    on given.partition = news.partition and given."offset" = news."offset"
  where given.title <> ''
  order by news.product_id, news.partition desc, news."offset" desc
),
updated as (
  update watched_products as product
  set current_price = news.price,
    previous_price = news.previous_price,
    price_at = news.recorded_at,
    title = coalesce(titled.title, product.title),
    updated_at = now()
  from news
  left join titled on titled.product_id = news.product_id
  where news.is_last and product.id = news.product_id
),
hits as materialized (
  select news.*, watch.id as watch_id, watch.target_price
  from news
  join watches as watch on watch.product_id = news.product_id
  where watch.status = 'ACTIVE' and watch.target_price > 0 and news.price <= watch.target_price * 1.01
  for key share of watch
),
due as (
  select distinct on (hits.watch_id) hits.*
  from hits
  left join lateral (
    select alert.triggered_price, alert.triggered_at
    from price_alerts as alert
    where alert.watch_id = hits.watch_id
    order by alert.triggered_at desc, alert.id desc
    limit 1
  ) as last_alert on true
  where not exists (
    select from price_alerts as alert where alert.watch_id = hits.watch_id and alert.status = 'PENDING'
  )
  and (
    last_alert.triggered_at is null
    or hits.price < last_alert.triggered_price
    or exists (
      select from price_history as seen
      where seen.product_id = hits.product_id
        and seen.recorded_at > last_alert.triggered_at and seen.recorded_at <= hits.recorded_at
        and seen.time_flag is distinct from 'implausible'
        and seen.price > hits.target_price * 1.01
    )
    or exists (
      select from fresh as seen
      where seen.product_id = hits.product_id
        and (seen.partition, seen."offset") < (hits.partition, hits."offset")
        and seen.recorded_at > last_alert.triggered_at and seen.recorded_at <= hits.recorded_at
        and seen.time_flag is distinct from 'implausible'
        and seen.price > hits.target_price * 1.01
    )
  )
  order by hits.watch_id, hits.partition, hits."offset"
),
alerts as (
  insert into price_alerts (watch_id, triggered_price, target_price, previous_price, triggered_at)
  select watch_id, price, target_price, previous_price, recorded_at
  from due
  order by partition, "offset", watch_id
  on conflict (watch_id) where status = 'PENDING' do nothing
  returning 1
)
select (select count(*) from fresh) as "historyRows", (select count(*) from alerts) as alerts
`

/**
 * Stores a batch of observations, in the order in which they are given within a partition: history rows, current
 * prices, alerts. The caller has locked the products (`lockProducts`), which keeps batches with common products apart.
 */
export async function storeObservations(
  client: ClientBase,
  source: PriceSource,
  observations: readonly Observation[],
): Promise<StoredObservations> {
  if (observations.length === 0) return { historyRows: 0, alerts: 0 }
  const { rows } = await client.query<{ historyRows: string; alerts: string }>(STORE, [
    observations.map((observation) => observation.productId),
    observations.map((observation) => observation.recordedAt),
    observations.map((observation) => observation.price),
    observations.map((observation) => observation.timeFlag),
    observations.map((observation) => observation.topic),
    observations.map((observation) => observation.partition),
    observations.map((observation) => observation.offset),
    observations.map((observation) => observation.title),
    source,
  ])
  return { historyRows: Number(rows[0]?.historyRows ?? 0), alerts: Number(rows[0]?.alerts ?? 0) }
}
