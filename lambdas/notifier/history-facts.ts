import type { Pool } from 'pg'
import type { HistoryFacts } from '../core/mail/message.ts'
import type { Amount } from '../core/money.ts'
import { type PriceGap, type PricePoint, statisticsOf } from '../core/prices/price-statistics.ts'
import { thinned } from './thinned-points.ts'

const DAY_MS = 86_400_000

/** Below this, a lowest price or a median would be a claim about a time that nobody watched. */
const LEAST_DAYS = 7
const LEAST_PRICES = 10

/** A chart is not much wider in pixels. */
const MOST_POINTS = 300

/*
 * Points are changes alone: a price that is observed again tells nothing new, and a product that is checked each minute would
 * fill the memory. The first point is the one in force when the 90 days begin. A time without an offer is a point without a price.
 */
const READ = `
select product.id, ${iso('coalesce(first.at, product.created_at)')} as "watchedSince",
  low.price as "lowPrice", ${iso('low.at')} as "lowAt",
  coalesce(points.prices_30, 0)::integer as "prices30", coalesce(points.prices_90, 0)::integer as "prices90",
  coalesce(points.changes, '[]') as points
from watched_products as product
left join lateral (
  select recorded_at as at from price_history
  where product_id = product.id and time_flag is distinct from 'implausible'
  order by recorded_at limit 1
) as first on true
left join lateral (
  select price, recorded_at as at from price_history
  where product_id = product.id and time_flag is distinct from 'implausible'
  order by price, recorded_at limit 1
) as low on true
left join lateral (
  with known as not materialized (
    select recorded_at, source, price from price_history
    where product_id = product.id and time_flag is distinct from 'implausible' and recorded_at <= now()
    union all
    select recorded_at, source, null from price_gaps
    where product_id = product.id and time_flag is distinct from 'implausible' and recorded_at <= now()
  )
  select count(price) filter (where recorded_at > now() - interval '30 days') as prices_30,
    count(price) as prices_90,
    json_agg(
      json_build_object('at', ${iso('recorded_at')}, 'price', price::text)
      order by recorded_at, source, coalesce(price, 0)
    ) filter (where is_first or price is distinct from before) as changes
  from (
    select recorded_at, source, price, row_number() over places = 1 as is_first, lag(price) over places as before
    from known
    where recorded_at >= coalesce(
      (select max(recorded_at) from known where recorded_at <= now() - interval '90 days'),
      now() - interval '90 days')
    window places as (order by recorded_at, source, coalesce(price, 0))
  ) as seen
) as points on true
where product.id = any ($1::bigint[])
`

function iso(column: string): string {
  return `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`
}

interface Row {
  readonly id: string
  readonly watchedSince: string
  readonly lowPrice: Amount | null
  readonly lowAt: string | null
  readonly prices30: number
  readonly prices90: number
  readonly points: readonly (PricePoint | PriceGap)[]
}

/** What the history says about each product, by its id. */
export async function readHistories(
  pool: Pool,
  products: readonly string[],
): Promise<ReadonlyMap<string, HistoryFacts>> {
  const { rows } = await pool.query<Row>(READ, [[...new Set(products)]])
  const nowMs = Date.now()
  return new Map(rows.map((row) => [row.id, factsOf(row, nowMs)]))
}

function factsOf(row: Row, nowMs: number): HistoryFacts {
  const { watchedSince, lowPrice, lowAt, points } = row
  const days = (nowMs - Date.parse(watchedSince)) / DAY_MS
  const statistics = (of: number, prices: number) => {
    if (days < LEAST_DAYS || prices < LEAST_PRICES) return null
    const found = statisticsOf(points, nowMs - of * DAY_MS, nowMs)
    return found && { lowest: found.lowest.price, median: found.median }
  }
  const isKnownEnough = days >= LEAST_DAYS && row.prices90 >= LEAST_PRICES
  return {
    watchedSince,
    days30: statistics(30, row.prices30),
    days90: statistics(90, row.prices90),
    allTimeLow: isKnownEnough && lowPrice !== null && lowAt !== null ? { price: lowPrice, at: lowAt } : null,
    points: thinned(points, MOST_POINTS),
  }
}
