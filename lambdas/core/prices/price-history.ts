import type { ClientBase } from 'pg'
import type { EventTime } from '../events/timestamp.ts'
import type { Amount } from '../money.ts'
import { arrayLiteral } from '../postgres/array-literal.ts'
import type { ProductKey } from './watched-products.ts'

/** The topic that a history row came from. */
export type PriceSource = 'kafka_prices' | 'kafka_deals'

/**
 * Why the event's own time is not trusted (see the type time_flag in migrations/0001_schema.sql), or `history`: a price of
 * the past that was imported.
 */
export type TimeFlag = 'record_time' | 'implausible' | 'history'

/** Whether a price or gap with this flag may change what is so now; if not, it is history only. */
export const mayBeNews = (flag: TimeFlag | null): boolean => flag === null || flag === 'record_time'

/** One observed price of a product. */
export interface Observation {
  /** The product; the title is empty if unknown. */
  readonly event: ProductKey & { readonly title: string }
  readonly price: Amount
  /** The event's time, or the record's if the event has none. */
  readonly time: EventTime
  readonly timeFlag: TimeFlag | null
  readonly record: { readonly topic: string; readonly partition: number; readonly offset: number }
}

// A subquery for each row instead of a join: each is answered by key, whatever the planner knows about table sizes. The first
// and last time are parameters of their own, so that only their months are planned for (timesOf).
const UNKNOWN = `
select json_agg(seen.position) as positions
from (
  select unnest($2::text[]) as domain, unnest($3::text[]) as asin, unnest($4::timestamptz[]) as recorded_at,
    unnest($5::numeric[]) as price, generate_subscripts($2::text[], 1) as position
) as seen
where (
  select true
  from watched_products as product
  join price_history as known
    on known.product_id = product.id and known.recorded_at = seen.recorded_at
    and known.source = $1::price_source and known.price = seen.price
    and known.recorded_at between $6 and $7
  where product.domain = seen.domain and product.asin = seen.asin
) is null
`

/** The observations that are not in the history yet, in order. */
export async function notInHistory<Observed extends Observation>(
  client: ClientBase,
  source: PriceSource,
  observations: readonly Observed[],
): Promise<readonly Observed[]> {
  if (observations.length === 0) return observations
  const { rows } = await client.query<{ positions: number[] | null }>(UNKNOWN, [
    source,
    arrayLiteral(observations.map(({ event }) => event.domain)),
    arrayLiteral(observations.map(({ event }) => event.asin)),
    arrayLiteral(observations.map(({ time }) => time.text)),
    arrayLiteral(observations.map(({ price }) => price)),
    ...timesOf(observations),
  ])
  const unknown = new Set(rows[0]?.positions ?? [])
  return observations.filter((_, index) => unknown.has(index + 1))
}

/**
 * The first and the last time of some observations. The history is partitioned by month, and a statement is planned with
 * the values of its parameters: with these two Postgres leaves out other months before it plans. Without them, planning
 * for forty months took a sixth of the time of a batch of 1,000 (docs/scaling.md).
 */
export function timesOf(observations: readonly Observation[]): readonly [string, string] {
  const [{ time: some }] = observations as readonly [Observation]
  let [first, last] = [some, some]
  for (const { time } of observations) {
    if (isBefore(time, first)) first = time
    if (isBefore(last, time)) last = time
  }
  return [first.text, last.text]
}

/** Exact also where microseconds are not: far in the future. Without its Z, a time without a fraction is the prefix of others. */
const isBefore = (a: EventTime, b: EventTime): boolean =>
  a.micros < b.micros || (a.micros === b.micros && a.text.slice(0, -1) < b.text.slice(0, -1))
