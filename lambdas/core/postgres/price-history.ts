import type { ClientBase } from 'pg'
import type { EventTime } from '../events/timestamp.ts'
import type { Amount } from '../money.ts'
import { arrayLiteral } from './array-literal.ts'

/** Where a history row came from: the price topic or the deal topic. */
export type PriceSource = 'kafka_prices' | 'kafka_deals'

/** Why the event's own time is not taken at its word; see the type time_flag in migrations/0001_schema.sql. */
export type TimeFlag = 'record_time' | 'implausible'

/** One observed price of a product that this transaction has locked. */
export interface Observation {
  readonly productId: number
  readonly price: Amount
  readonly time: EventTime
  readonly timeFlag: TimeFlag | null
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

// A batch that is all new, as nearly every batch is, answers with its number alone.
const INSERT = `
with fresh as (
  insert into price_history (product_id, recorded_at, source, price, time_flag, topic, partition, "offset")
  select product_id, recorded_at, $1::price_source, price, time_flag, topic, partition, "offset"
  from unnest(
    $2::bigint[], $3::timestamptz[], $4::numeric[], $5::time_flag[], $6::text[], $7::integer[], $8::bigint[]
  ) as observation (product_id, recorded_at, price, time_flag, topic, partition, "offset")
  on conflict do nothing
  returning partition, "offset"
)
select count(*)::integer as rows,
  case when count(*) < $9::integer then json_agg(json_build_array(partition, "offset")) end as places
from fresh
`

/**
 * Adds observations to the history, and gives those that were not known yet, in their order. Of two that are the same
 * the first counts.
 */
export async function addToHistory<Seen extends Observation>(
  client: ClientBase,
  source: PriceSource,
  observations: readonly Seen[],
): Promise<readonly Seen[]> {
  if (observations.length === 0) return []
  const { rows } = await client.query<{ rows: number; places: [number, number][] | null }>(INSERT, [
    source,
    arrayLiteral(observations.map((observation) => observation.productId)),
    arrayLiteral(observations.map((observation) => observation.time.text)),
    arrayLiteral(observations.map((observation) => observation.price)),
    arrayLiteral(observations.map((observation) => observation.timeFlag)),
    arrayLiteral(observations.map((observation) => observation.topic)),
    arrayLiteral(observations.map((observation) => observation.partition)),
    arrayLiteral(observations.map((observation) => observation.offset)),
    observations.length,
  ])
  if (rows[0]?.rows === observations.length) return observations
  const fresh = new Set((rows[0]?.places ?? []).map(([partition, offset]) => `${partition}/${offset}`))
  return observations.filter(({ partition, offset }) => fresh.delete(`${partition}/${offset}`))
}
