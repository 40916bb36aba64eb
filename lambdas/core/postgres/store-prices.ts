import type { ClientBase } from 'pg'
import { KeeperError } from '../errors.ts'
import { type Amount, amountOfNumber } from '../money.ts'
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
export type Stored =
  | {
      readonly outcome: 'stored'
      /** The products that have a row: only theirs is stored. */
      readonly products: readonly ProductPrices[]
      /** Those of them that a price of the batch brings to their highest target or below. */
      readonly near: readonly ProductBefore[]
    }
  /** Nothing was stored: some of it is in the history. */
  | { readonly outcome: 'known' }
  /** Nothing was stored: not every product has a row. */
  | { readonly outcome: 'products-missing' }

const IS_NEWS = "change.price_at >= coalesce(product.price_at, '-infinity')"
const WAS_NEWS_BEFORE = "change.before_at >= coalesce(product.price_at, '-infinity')"
const IS_TITLE = "coalesce(change.titled_at, change.price_at) >= coalesce(product.price_at, '-infinity')"

/*
 * The history and the current prices of a batch, in one statement.
 *
 * All products are locked by their update, in the order of their ids, so that two transactions with common products
 * wait for each other and never in a ring; a product without news is rewritten as it is. Whoever waited sees what the
 * holder of the lock has stored: the key of the history then refuses what both have.
 * An insert that expects no conflict costs two thirds of one that does (ON CONFLICT), and in nearly every batch all is
 * new. A batch that comes again begins with something known: \`stored\` looks at the first observation of each partition.
 */
const STORE = `
with wanted as materialized (
  select wanted.*, product.id
  from unnest(
    $2::text[], $3::text[], $4::numeric[], $5::timestamptz[], $6::numeric[], $7::timestamptz[], $8::text[],
    $9::timestamptz[], $10::numeric[]
  ) with ordinality as wanted (
    domain, asin, price, price_at, before, before_at, title, titled_at, lowest, position
  )
  join watched_products as product using (domain, asin)
  order by product.id
),
verdict as materialized (
  select count(*)::integer as products, count(*) >= $11::integer as is_complete,
    exists (
      select
      from unnest($12::integer[], $13::timestamptz[], $14::numeric[]) as first (position, recorded_at, price)
      join wanted using (position)
      join price_history as known
        on known.product_id = wanted.id and known.recorded_at = first.recorded_at
        and known.source = $1::price_source and known.price = first.price
    ) as is_known
  from wanted
),
added as (
  insert into price_history (product_id, recorded_at, source, price, time_flag, topic, partition, "offset")
  select wanted.id, seen.recorded_at, $1::price_source, seen.price, seen.time_flag, seen.topic, seen.partition,
    seen."offset"
  from unnest(
    $15::integer[], $16::timestamptz[], $17::numeric[], $18::time_flag[], $19::text[], $20::integer[], $21::bigint[]
  ) as seen (position, recorded_at, price, time_flag, topic, partition, "offset")
  join wanted using (position)
  where (select is_complete and not is_known from verdict)
  order by wanted.id, seen.recorded_at
),
changed as (
  update watched_products as product
  set current_price = case when ${IS_NEWS} then change.price else product.current_price end,
    previous_price = case
      when (${IS_NEWS}) is not true then product.previous_price
      when ${WAS_NEWS_BEFORE} then change.before
      else product.current_price
    end,
    price_at = case when ${IS_NEWS} then change.price_at else product.price_at end,
    title = coalesce(case when ${IS_TITLE} then change.title end, product.title),
    updated_at = case when ${IS_NEWS} then now() else product.updated_at end
  from wanted as change
  where product.id = change.id and (select is_complete and not is_known from verdict)
  returning change.position, product.id, old.current_price, old.price_at, product.highest_target,
    coalesce(change.lowest, change.price) as lowest
)
select verdict.*, news.*,
  case when verdict.products < cardinality($2::text[]) then (select coalesce(json_agg(position), '[]') from wanted) end as positions
from verdict, (
  select count(*)::integer as changed,
    json_agg(json_build_array(
      position, id, current_price, (extract(epoch from price_at) * 1000000)::bigint, highest_target
    )) filter (where lowest <= highest_target * 1.01) as near
  from changed
) as news
`

interface StoreRow {
  readonly products: number
  readonly is_complete: boolean
  readonly is_known: boolean
  readonly changed: number
  readonly near: readonly (readonly [number, number, number | null, number | null, number])[] | null
  /** Of the products that have a row, where some have none. */
  readonly positions: readonly number[] | null
}

/**
 * Adds the prices of products to the history and makes the newest of them the current ones. Products without a row are
 * passed over, or nothing is stored where there are any and `mustExist` says \`all\`.
 * @throws Postgres's 23505 where something of the batch is in the history, and is not the first of its partition
 * @throws KeeperError `product_deleted` (retriable) where a product went away meanwhile
 */
export async function storePrices(
  client: ClientBase,
  source: PriceSource,
  products: readonly ProductPrices[],
  mustExist: 'all' | 'any',
): Promise<Stored> {
  const seen = products.flatMap(({ observations }, index) =>
    observations.map((observation) => ({ observation, position: index + 1 })),
  )
  const firsts = firstOfEachPartition(seen)
  const keys = products.map(({ observations: [first] }) => first)
  const last = products.map(({ candidates }) => candidates.at(-1))
  const before = products.map(({ candidates }) => candidates.at(-2))
  const titled = products.map(({ candidates }) => candidates.findLast(({ title }) => title !== ''))
  const { rows } = await client.query<StoreRow>(STORE, [
    source,
    arrayLiteral(keys.map((key) => key?.domain ?? null)),
    arrayLiteral(keys.map((key) => key?.asin ?? null)),
    arrayLiteral(last.map((candidate) => candidate?.price ?? null)),
    arrayLiteral(last.map((candidate) => candidate?.time.text ?? null)),
    arrayLiteral(before.map((candidate) => candidate?.price ?? null)),
    arrayLiteral(before.map((candidate) => candidate?.time.text ?? null)),
    textArrayLiteral(titled.map((candidate) => candidate?.title ?? null)),
    arrayLiteral(
      titled.map((candidate, index) => (candidate === last[index] ? null : (candidate?.time.text ?? null))),
    ),
    arrayLiteral(products.map(({ candidates }) => lowestOf(candidates))),
    mustExist === 'all' ? products.length : 0,
    arrayLiteral(firsts.map(({ position }) => position)),
    arrayLiteral(firsts.map(({ observation }) => observation.time.text)),
    arrayLiteral(firsts.map(({ observation }) => observation.price)),
    arrayLiteral(seen.map(({ position }) => position)),
    arrayLiteral(seen.map(({ observation }) => observation.time.text)),
    arrayLiteral(seen.map(({ observation }) => observation.price)),
    arrayLiteral(seen.map(({ observation }) => observation.timeFlag)),
    arrayLiteral(seen.map(({ observation }) => observation.topic)),
    arrayLiteral(seen.map(({ observation }) => observation.partition)),
    arrayLiteral(seen.map(({ observation }) => observation.offset)),
  ])
  return outcomeOf(products, rows[0])
}

function outcomeOf(products: readonly ProductPrices[], row: StoreRow | undefined): Stored {
  if (!row?.is_complete) return { outcome: 'products-missing' }
  if (row.is_known) return { outcome: 'known' }
  if (row.changed !== row.products) {
    throw new KeeperError('product_deleted', 'A product was deleted while its prices were stored.', {
      retriable: true,
    })
  }
  return {
    outcome: 'stored',
    products: row.positions ? row.positions.flatMap((position) => products[position - 1] ?? []) : products,
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
  return candidates.reduce(
    (lowest, { price }) => (Number(price) < Number(lowest) ? price : lowest),
    candidates[0]?.price ?? '',
  )
}

interface Seen {
  readonly observation: Observation
  readonly position: number
}

/** What a batch that comes again begins with. */
function firstOfEachPartition(seen: readonly Seen[]): readonly Seen[] {
  const firsts = new Map<string, Seen>()
  for (const one of seen) {
    const { topic, partition, offset } = one.observation
    const id = `${topic}-${partition}`
    const first = firsts.get(id)
    if (!first || offset < first.observation.offset) firsts.set(id, one)
  }
  return [...firsts.values()]
}
