import type { ClientBase } from 'pg'
import { type Amount, amountOfNumber } from '../money.ts'
import { arrayLiteral } from './array-literal.ts'

/** Names a product: its ASIN and marketplace. */
export interface ProductKey {
  readonly asin: string
  readonly domain: string
}

/** A product whose row this transaction has locked, as it is now. */
export interface LockedProduct {
  readonly id: number
  readonly currentPrice: Amount | null
  /** Event time of the current price, in microseconds since 1970. */
  readonly priceAtMicros: number | null
  /** The highest target of its active watches. */
  readonly highestTarget: Amount | null
}

// In the order of their ids, so that two transactions with common products wait for each other and never in a ring.
// The lock lasts to the end of the transaction: what follows sees all that an earlier holder of the rows has stored.
// The rows come as one JSON text: pg takes a row apart field by field, which for thousands of rows takes longer.
const LOCK = `
select json_agg(json_build_array(position, id, current_price, price_at, highest_target)) as products
from (
  select wanted.position, product.id, product.current_price, product.highest_target,
    (extract(epoch from product.price_at) * 1000000)::bigint as price_at
  from unnest($1::text[], $2::text[]) with ordinality as wanted (domain, asin, position)
  join watched_products as product using (domain, asin)
  order by product.id
  for no key update of product
) as locked
`

type LockedRow = [
  position: number,
  id: number,
  price: number | null,
  priceAt: number | null,
  target: number | null,
]

/** Locks the products that exist, and gives each as it is now, in the order given; undefined for one that is not. */
export async function lockProducts(
  client: ClientBase,
  products: readonly ProductKey[],
): Promise<readonly (LockedProduct | undefined)[]> {
  const positions = new Map<string, number>()
  const wanted: ProductKey[] = []
  const positionOf = products.map((product) => {
    const key = `${product.domain}/${product.asin}`
    const known = positions.get(key)
    if (known !== undefined) return known
    positions.set(key, wanted.length)
    return wanted.push(product) - 1
  })
  const { rows } = await client.query<{ products: LockedRow[] | null }>(LOCK, [
    arrayLiteral(wanted.map((product) => product.domain)),
    arrayLiteral(wanted.map((product) => product.asin)),
  ])
  const locked: (LockedProduct | undefined)[] = new Array(wanted.length)
  for (const [position, id, price, priceAtMicros, target] of rows[0]?.products ?? []) {
    locked[position - 1] = {
      id,
      currentPrice: amountOf(price),
      priceAtMicros,
      highestTarget: amountOf(target),
    }
  }
  return positionOf.map((position) => locked[position])
}

/** Postgres writes numeric(12,2) into JSON with its two decimals, which a double holds exactly enough to give back. */
const amountOf = (value: number | null): Amount | null =>
  value === null ? null : (amountOfNumber(value) ?? null)

/** The new current price of a product that this transaction has locked. */
export interface PriceChange {
  readonly id: number
  readonly price: Amount
  readonly previousPrice: Amount | null
  /** Event time, as Postgres reads it. */
  readonly priceAt: string
  /** Null leaves the title as it is. */
  readonly title: string | null
}

const UPDATE = `
update watched_products as product
set current_price = change.price,
  previous_price = change.previous_price,
  price_at = change.price_at,
  title = coalesce(change.title, product.title),
  updated_at = now()
from unnest($1::bigint[], $2::numeric[], $3::numeric[], $4::timestamptz[], $5::text[])
  as change (id, price, previous_price, price_at, title)
where product.id = change.id
`

/** Sets the current prices of products, one change each. */
export async function changePrices(client: ClientBase, changes: readonly PriceChange[]): Promise<void> {
  if (changes.length === 0) return
  await client.query(UPDATE, [
    arrayLiteral(changes.map((change) => change.id)),
    arrayLiteral(changes.map((change) => change.price)),
    arrayLiteral(changes.map((change) => change.previousPrice)),
    arrayLiteral(changes.map((change) => change.priceAt)),
    changes.map((change) => change.title),
  ])
}

// Sorted for the same reason as above: two transactions that make the same new products wait, and never in a ring.
const CREATE_MISSING = `
insert into watched_products (domain, asin, title, currency, added_by)
select wanted.domain, wanted.asin, wanted.title, wanted.currency, 'deal'
from (
  select distinct on (domain, asin) *
  from unnest($1::text[], $2::text[], $3::text[], $4::text[])
    with ordinality as wanted (domain, asin, title, currency, position)
  order by domain, asin, position
) as wanted
order by wanted.domain, wanted.asin
on conflict (domain, asin) do nothing
`

/** What a new product's row is made of. */
export interface NewProduct extends ProductKey {
  readonly title: string
  readonly currency: string
}

/** As lockProducts, but a product that has no row yet is given one, so that none is missing. */
export async function lockOrCreateProducts(
  client: ClientBase,
  products: readonly NewProduct[],
): Promise<readonly (LockedProduct | undefined)[]> {
  const locked = await lockProducts(client, products)
  const missing = products.filter((_, index) => !locked[index])
  if (missing.length === 0) return locked
  await client.query(CREATE_MISSING, [
    arrayLiteral(missing.map((product) => product.domain)),
    arrayLiteral(missing.map((product) => product.asin)),
    missing.map((product) => product.title),
    arrayLiteral(missing.map((product) => product.currency)),
  ])
  const created = await lockProducts(client, missing)
  let next = 0
  return locked.map((product) => product ?? created[next++])
}
