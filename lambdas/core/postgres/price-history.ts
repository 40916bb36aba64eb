import type { ClientBase } from 'pg'
import type { EventTime } from '../events/timestamp.ts'
import type { Amount } from '../money.ts'
import { arrayLiteral } from './array-literal.ts'
import type { ProductKey } from './watched-products.ts'

/** Where a history row came from: the price topic or the deal topic. */
export type PriceSource = 'kafka_prices' | 'kafka_deals'

/** Why the event's own time is not taken at its word; see the type time_flag in migrations/0001_schema.sql. */
export type TimeFlag = 'record_time' | 'implausible'

/** One observed price of a product. */
export interface Observation extends ProductKey {
  /** Its place in the batch. */
  readonly position: number
  readonly price: Amount
  readonly time: EventTime
  readonly timeFlag: TimeFlag | null
  /** Empty where it is not known. */
  readonly title: string
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

const STORED = `
select json_agg(seen.position) as positions
from unnest($2::text[], $3::text[], $4::timestamptz[], $5::numeric[])
  with ordinality as seen (domain, asin, recorded_at, price, position)
join watched_products as product using (domain, asin)
join price_history as known
  on known.product_id = product.id and known.recorded_at = seen.recorded_at
  and known.source = $1::price_source and known.price = seen.price
`

/** Those of the observations that the history does not have, in their order. */
export async function notInHistory(
  client: ClientBase,
  source: PriceSource,
  observations: readonly Observation[],
): Promise<readonly Observation[]> {
  const { rows } = await client.query<{ positions: number[] | null }>(STORED, [
    source,
    arrayLiteral(observations.map(({ domain }) => domain)),
    arrayLiteral(observations.map(({ asin }) => asin)),
    arrayLiteral(observations.map(({ time }) => time.text)),
    arrayLiteral(observations.map(({ price }) => price)),
  ])
  const stored = new Set(rows[0]?.positions ?? [])
  return observations.filter((_, index) => !stored.has(index + 1))
}
