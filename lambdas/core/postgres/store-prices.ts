import type { ClientBase } from 'pg'
import { type Amount, amountOfNumber, hundredthsOf } from '../money.ts'
import { arrayLiteral, textArrayLiteral } from './array-literal.ts'
import type { Observation, PriceSource } from './price-history.ts'

/** What a batch has of one product. */
export interface ProductPrices {
  /** All that are distinct, in their order. */
  readonly observations: readonly Observation[]
  /** How many records these came with. */
  readonly records: number
  /**
   * Those that may become the current price: plausible, and none before them in the batch is later. The last of them
   * that is not older than the current price becomes it.
   */
  readonly candidates: readonly Observation[]
}

/** A product as it was before the batch, which may meet its highest target. */
export interface ProductBefore {
  /** Its place in the batch's products. */
  readonly index: number
  readonly id: number
  readonly currentPrice: Amount | null
  /** Event time of the current price, in microseconds since 1970. */
  readonly priceAtMicros: number | null
  /** The highest target of its active watches. */
  readonly highestTarget: Amount
}

/** What storing a batch came to. */
export interface Stored {
  /** The products that have a row: theirs is stored, and no other's. */
  readonly products: readonly ProductPrices[]
  /** Those of them that a price of the batch brings to their highest target or below. */
  readonly near: readonly ProductBefore[]
}

const IS_NEWS = "change.price_at >= coalesce(product.price_at, '-infinity')"
const BEFORE_IS_NEWS = "change.before_at >= coalesce(product.price_at, '-infinity')"
const TITLE_IS_NEWS = "coalesce(change.titled_at, change.price_at) >= coalesce(product.price_at, '-infinity')"

/*
 * The current prices and the history of a batch, in one statement.
 *
 * The update locks all products, in the order of their keys, so that two transactions with common products wait for
 * each other and never in a ring; a product without news is rewritten as it is. Whoever waited goes on with what the
 * holder of the lock has stored, and the history's key refuses what both have.
 * An insert that expects no conflict costs two thirds of one that does (ON CONFLICT), and in nearly every batch all is
 * new. A batch that comes again shows at its beginning: known_firsts looks at the first observation of each partition.
 */
const STORE = `
with known_firsts as materialized (
  select count(*)::integer as count
  from unnest($2::text[], $3::text[], $4::timestamptz[], $5::numeric[]) as first (domain, asin, recorded_at, price)
  join watched_products as product using (domain, asin)
  join price_history as known
    on known.product_id = product.id and known.recorded_at = first.recorded_at
    and known.source = $1::price_source and known.price = first.price
),
changed as (
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
    from unnest(
      $6::text[], $7::text[], $8::numeric[], $9::timestamptz[], $10::numeric[], $11::timestamptz[], $12::text[],
      $13::timestamptz[], $14::numeric[]
    ) with ordinality as change (
      domain, asin, price, price_at, before, before_at, title, titled_at, lowest, position
    )
    order by domain collate "C", asin collate "C"
  ) as change
  where product.domain = change.domain and product.asin = change.asin and (select count from known_firsts) = 0
  returning change.position, product.id, old.current_price, old.price_at, product.highest_target,
    coalesce(change.lowest, change.price) as lowest
),
added as (
  insert into price_history (product_id, recorded_at, source, price, time_flag, topic, partition, "offset")
  select changed.id, seen.recorded_at, $1::price_source, seen.price, seen.time_flag, seen.topic, seen.partition,
    seen."offset"
  from unnest(
    $15::integer[], $16::timestamptz[], $17::numeric[], $18::time_flag[], $19::text[], $20::integer[], $21::bigint[]
  ) as seen (position, recorded_at, price, time_flag, topic, partition, "offset")
  join changed using (position)
  order by changed.id, seen.recorded_at
)
select (select count from known_firsts) as known_firsts, news.*,
  case when news.products < cardinality($6::text[]) then (select json_agg(position) from changed) end as positions
from (
  select count(*)::integer as products,
    json_agg(json_build_array(
      position, id, current_price, (extract(epoch from price_at) * 1000000)::bigint, highest_target
    )) filter (where lowest <= highest_target * 1.01) as near
  from changed
) as news
`

interface StoreRow {
  readonly known_firsts: number
  readonly products: number
  readonly near: readonly (readonly [number, number, number | null, number | null, number])[] | null
  /** Of the products that have a row, where some have none. */
  readonly positions: readonly number[] | null
}

/**
 * Adds the prices of products to the history and makes the newest of them the current ones. Products without a row are
 * passed over. Undefined, and nothing is stored, where a partition's first observation is in the history.
 * @throws Postgres's 23505 where another observation of the batch is in the history
 */
export async function storePrices(
  client: ClientBase,
  source: PriceSource,
  products: readonly ProductPrices[],
): Promise<Stored | undefined> {
  const seen = products.flatMap(({ observations }) => observations)
  const positions = products.flatMap(({ observations }, index) => observations.map(() => index + 1))
  const firsts = firstOfEachPartition(seen)
  const keys = products.flatMap(({ observations }) => observations.slice(0, 1))
  const last = products.map(({ candidates }) => candidates.at(-1))
  const before = products.map(({ candidates }) => candidates.at(-2))
  const titled = products.map(({ candidates }) => candidates.findLast(({ title }) => title !== ''))
  const { rows } = await client.query<StoreRow>(STORE, [
    source,
    arrayLiteral(firsts.map(({ domain }) => domain)),
    arrayLiteral(firsts.map(({ asin }) => asin)),
    arrayLiteral(firsts.map(({ time }) => time.text)),
    arrayLiteral(firsts.map(({ price }) => price)),
    arrayLiteral(keys.map(({ domain }) => domain)),
    arrayLiteral(keys.map(({ asin }) => asin)),
    arrayLiteral(last.map((candidate) => candidate?.price ?? null)),
    arrayLiteral(last.map((candidate) => candidate?.time.text ?? null)),
    arrayLiteral(before.map((candidate) => candidate?.price ?? null)),
    arrayLiteral(before.map((candidate) => candidate?.time.text ?? null)),
    textArrayLiteral(titled.map((candidate) => candidate?.title ?? null)),
    // Null where it is the time of the last.
    arrayLiteral(
      titled.map((candidate, index) => (candidate === last[index] ? null : (candidate?.time.text ?? null))),
    ),
    arrayLiteral(products.map(({ candidates }) => lowestOf(candidates))),
    arrayLiteral(positions),
    arrayLiteral(seen.map(({ time }) => time.text)),
    arrayLiteral(seen.map(({ price }) => price)),
    arrayLiteral(seen.map(({ timeFlag }) => timeFlag)),
    arrayLiteral(seen.map(({ topic }) => topic)),
    arrayLiteral(seen.map(({ partition }) => partition)),
    arrayLiteral(seen.map(({ offset }) => offset)),
  ])
  const [row] = rows
  if (!row || row.known_firsts > 0) return undefined
  const isStored = row.products === products.length ? undefined : new Set(row.positions)
  return {
    products: isStored ? products.filter((_, index) => isStored.has(index + 1)) : products,
    near: (row.near ?? []).map(([position, id, price, priceAtMicros, target]) => ({
      index: position - 1,
      id,
      currentPrice: price === null ? null : amountOf(price),
      priceAtMicros,
      highestTarget: amountOf(target),
    })),
  }
}

/** Postgres writes numeric(12,2) into JSON with its two decimals, which a double holds exactly enough to give back. */
function amountOf(value: number): Amount {
  const amount = amountOfNumber(value)
  if (amount === undefined) throw new RangeError(`${value} is no amount of numeric(12,2)`)
  return amount
}

/** Null where there are not several to choose from. */
function lowestOf(candidates: readonly Observation[]): Amount | null {
  if (candidates.length < 2) return null
  const [lowest] = candidates.map(({ price }) => price).sort((a, b) => hundredthsOf(a) - hundredthsOf(b))
  return lowest ?? null
}

/** What a batch that comes again begins with. */
function firstOfEachPartition(observations: readonly Observation[]): readonly Observation[] {
  const firsts = new Map<string, Observation>()
  for (const observation of observations) {
    const id = `${observation.topic}-${observation.partition}`
    const first = firsts.get(id)
    if (!first || observation.position < first.position) firsts.set(id, observation)
  }
  return [...firsts.values()]
}
