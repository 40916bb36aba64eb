import type { ClientBase } from 'pg'
import { arrayLiteral } from '../postgres/array-literal.ts'
import type { PriceSource } from './price-history.ts'
import type { GapRecord, PricedEvent } from './read-price.ts'
import type { ProductKey } from './watched-products.ts'

// Prices and gaps are stored by statements of their own. So that two transactions with common products cannot deadlock,
// one that stores both first locks all its products in key order.
const LOCK = `
select from watched_products as product
join unnest($1::text[], $2::text[]) as wanted (domain, asin)
  on product.domain = wanted.domain and product.asin = wanted.asin
order by product.domain, product.asin
for no key update of product
`

/** Locks the products' rows until the transaction ends. */
export async function lockProducts(client: ClientBase, products: readonly ProductKey[]): Promise<void> {
  const keys = [...new Map(products.map((product) => [keyOf(product), product])).values()]
  await client.query(LOCK, [
    arrayLiteral(keys.map(({ domain }) => domain)),
    arrayLiteral(keys.map(({ asin }) => asin)),
  ])
}

// A gap that was imported and then comes as news is news. Triggers keep the products' unavailable_since
// (migrations/0009_history_imports.sql).
const STORE = `
with gap as (
  select product.id as product_id, seen.*
  from unnest($2::text[], $3::text[], $4::timestamptz[], $5::time_flag[], $6::text[], $7::integer[], $8::bigint[])
    with ordinality as seen (domain, asin, recorded_at, time_flag, topic, partition, "offset", position)
  left join watched_products as product on product.domain = seen.domain and product.asin = seen.asin
),
added as (
  insert into price_gaps as known (product_id, recorded_at, source, time_flag, topic, partition, "offset")
  select product_id, recorded_at, $1::price_source, time_flag, topic, partition, "offset"
  from gap
  where product_id is not null
  order by product_id, recorded_at
  on conflict (product_id, recorded_at) do update set time_flag = excluded.time_flag
  where known.time_flag = 'history' and excluded.time_flag is distinct from 'history'
)
select position from gap where product_id is null
`

/**
 * Stores that products were not offered from some time on.
 * @returns how many of the records are of products without a row
 */
export async function storeGaps(
  client: ClientBase,
  source: PriceSource,
  records: readonly GapRecord<PricedEvent>[],
): Promise<number> {
  const gaps = distinct(records)
  const { rows } = await client.query<{ position: string }>(STORE, [
    source,
    arrayLiteral(gaps.map(({ event }) => event.domain)),
    arrayLiteral(gaps.map(({ event }) => event.asin)),
    arrayLiteral(gaps.map(({ time }) => time.text)),
    arrayLiteral(gaps.map(({ timeFlag }) => timeFlag)),
    arrayLiteral(gaps.map(({ record }) => record.topic)),
    arrayLiteral(gaps.map(({ record }) => record.partition)),
    arrayLiteral(gaps.map(({ record }) => record.offset)),
  ])
  const without = new Set(
    rows.map(({ position }) => gaps[Number(position) - 1]).map((gap) => gap && keyOf(gap.event)),
  )
  return records.filter(({ event }) => without.has(keyOf(event))).length
}

/** One record a gap, the first, as if each had come alone. */
function distinct(records: readonly GapRecord<PricedEvent>[]): GapRecord<PricedEvent>[] {
  const gaps = new Map<string, GapRecord<PricedEvent>>()
  for (const record of records) {
    const key = `${keyOf(record.event)}/${record.time.text}`
    const known = gaps.get(key)
    if (!known) gaps.set(key, record)
    else if (known.timeFlag === 'history') gaps.set(key, { ...known, timeFlag: record.timeFlag })
  }
  return [...gaps.values()]
}

const keyOf = ({ domain, asin }: ProductKey): string => `${domain}/${asin}`
