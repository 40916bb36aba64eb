import type { ClientBase } from 'pg'
import { type Amount, hundredthsOf } from '../money.ts'
import { arrayLiteral, textArrayLiteral } from '../postgres/array-literal.ts'
import { LEAVE_NEAR } from './near-target.ts'
import type { Observation, PriceSource } from './price-history.ts'
import type { ProductPrices } from './prices-by-product.ts'

const IS_NEWS = "change.price_at >= coalesce(product.price_at, '-infinity')"
const BEFORE_IS_NEWS = "change.before_at >= coalesce(product.price_at, '-infinity')"
const TITLE_IS_NEWS = "coalesce(change.titled_at, change.price_at) >= coalesce(product.price_at, '-infinity')"

/*
 * Stores a batch's current prices and history rows in one statement.
 *
 * The update locks all products in key order, so that two transactions with common products cannot deadlock; a product
 * without a newer price is rewritten unchanged. A transaction that had to wait continues with the rows that the other
 * one stored, and the history's key refuses rows that both contain.
 * Arrays are unnested side by side in the select list, which yields rows one by one; in a from clause Postgres would
 * materialize each array first.
 * An insert without ON CONFLICT costs two thirds of one with it, and in nearly every batch all rows are new.
 * The rows for the alerts are passed to the next statement (near-target.ts); has_near only says whether there are any.
 */
const STORE = `
with changed as (
  update watched_products as product
  set current_price = case when ${IS_NEWS} then change.price else product.current_price end,
    previous_price = case
      when (${IS_NEWS}) is not true then product.previous_price
      when ${BEFORE_IS_NEWS} then change.before
      else product.current_price
    end,
    price_at = case when ${IS_NEWS} then change.price_at else product.price_at end,
    title = coalesce(case when ${TITLE_IS_NEWS} then change.title end, product.title),
    updated_at = case when ${IS_NEWS} then now() else product.updated_at end
  from (
    select *
    from (
      select unnest($2::text[]) as domain, unnest($3::text[]) as asin, unnest($4::numeric[]) as price,
        unnest($5::timestamptz[]) as price_at, unnest($6::numeric[]) as before,
        unnest($7::timestamptz[]) as before_at, unnest($8::text[]) as title, unnest($9::timestamptz[]) as titled_at,
        unnest($10::numeric[]) as lowest, generate_subscripts($2::text[], 1) as position
    ) as change
    order by domain collate "C", asin collate "C"
  ) as change
  where product.domain = change.domain and product.asin = change.asin
  returning change.position, product.id, old.current_price, old.price_at, product.highest_target,
    coalesce(change.lowest, change.price) as lowest
),
priced as materialized (
  select changed.id as product_id, seen.recorded_at, seen.price, seen.time_flag, seen.topic, seen.partition,
    seen."offset", seen.place, changed.lowest, changed.highest_target, changed.current_price,
    seen.is_candidate and seen.recorded_at >= coalesce(changed.price_at, '-infinity') as is_news
  from (
    select unnest($11::integer[]) as position, unnest($12::boolean[]) as is_candidate,
      unnest($13::timestamptz[]) as recorded_at, unnest($14::numeric[]) as price,
      unnest($15::time_flag[]) as time_flag, unnest($16::text[]) as topic, unnest($17::integer[]) as partition,
      unnest($18::bigint[]) as "offset", generate_subscripts($11::integer[], 1) as place
  ) as seen
  join changed using (position)
),
added as (
  insert into price_history (product_id, recorded_at, source, price, time_flag, topic, partition, "offset")
  select product_id, recorded_at, $1::price_source, price, time_flag, topic, partition, "offset"
  from priced
  order by product_id, recorded_at
),
near as (
  select product_id, recorded_at, price, place, lowest, is_news,
    coalesce(lag(price) over (partition by product_id, is_news order by place), current_price) as previous_price
  from priced
  where lowest <= highest_target * 1.01 and time_flag is distinct from 'history'
)
select stored.products,
  case when stored.products < cardinality($2::text[]) then (select json_agg(position) from changed) end as positions,
  ${LEAVE_NEAR} as has_near
from (select count(*)::integer as products from changed) as stored
`

interface StoreRow {
  readonly products: number
  /** Positions of the products that have a row; null if all have one. */
  readonly positions: readonly number[] | null
}

/**
 * Adds prices to the history and makes the newest ones current. Skips products without a row, and returns them.
 * @throws Postgres's 23505 if one of the observations is in the history already
 */
export async function storePrices<Product extends ProductPrices>(
  client: ClientBase,
  source: PriceSource,
  products: readonly Product[],
): Promise<readonly Product[]> {
  const keys = products.map(({ observations }) => observations[0]?.event)
  const last = products.map(({ candidates }) => candidates.at(-1))
  const before = products.map(({ candidates }) => candidates.at(-2))
  const titled = products.map(({ candidates }) => candidates.findLast(({ event }) => event.title !== ''))
  const seen = products.flatMap(({ observations }) => observations)
  const positions = products.flatMap(({ observations }, index) => observations.map(() => index + 1))
  const isCandidate = products.flatMap(areCandidates)
  const { rows } = await client.query<StoreRow>(STORE, [
    source,
    arrayLiteral(keys.map((event) => event?.domain ?? null)),
    arrayLiteral(keys.map((event) => event?.asin ?? null)),
    arrayLiteral(last.map((candidate) => candidate?.price ?? null)),
    arrayLiteral(last.map((candidate) => candidate?.time.text ?? null)),
    arrayLiteral(before.map((candidate) => candidate?.price ?? null)),
    arrayLiteral(before.map((candidate) => candidate?.time.text ?? null)),
    textArrayLiteral(titled.map((candidate) => candidate?.event.title ?? null)),
    // Null if it is the time of the last candidate.
    arrayLiteral(
      titled.map((candidate, index) => (candidate === last[index] ? null : (candidate?.time.text ?? null))),
    ),
    arrayLiteral(products.map(({ candidates }) => lowestOf(candidates))),
    arrayLiteral(positions),
    arrayLiteral(isCandidate),
    arrayLiteral(seen.map(({ time }) => time.text)),
    arrayLiteral(seen.map(({ price }) => price)),
    arrayLiteral(seen.map(({ timeFlag }) => timeFlag)),
    arrayLiteral(seen.map(({ record }) => record.topic)),
    arrayLiteral(seen.map(({ record }) => record.partition)),
    arrayLiteral(seen.map(({ record }) => record.offset)),
  ])
  const [{ products: count = 0, positions: stored = null } = {}] = rows
  if (count === products.length) return []
  const withRow = new Set(stored)
  return products.filter((_, index) => !withRow.has(index + 1))
}

/** For each observation, whether it is a candidate. */
function areCandidates({ observations, candidates }: ProductPrices): readonly boolean[] {
  if (candidates.length === observations.length) return observations.map(() => true)
  const among = new Set(candidates)
  return observations.map((observation) => among.has(observation))
}

/** Null unless there are several. */
function lowestOf(candidates: readonly Observation[]): Amount | null {
  if (candidates.length < 2) return null
  const [lowest] = candidates.map(({ price }) => price).sort((a, b) => hundredthsOf(a) - hundredthsOf(b))
  return lowest ?? null
}
