import type { ClientBase } from 'pg'

/** Names a product: its ASIN and marketplace. */
export interface ProductKey {
  readonly asin: string
  readonly domain: string
}

const keyText = (product: ProductKey): string => `${product.domain}/${product.asin}`

// In the order of their ids, so that two transactions with common products wait for each other and never in a ring.
// The lock lasts to the end of the transaction: what follows sees all that an earlier holder of the rows has stored.
const LOCK = `
select product.id, product.asin, product.domain
from unnest($1::text[], $2::text[]) as wanted (domain, asin)
join watched_products as product using (domain, asin)
order by product.id
for no key update of product
`

/** Locks the products that exist, and gives a function that finds the id of one. */
export async function lockProducts(
  client: ClientBase,
  products: readonly ProductKey[],
): Promise<(product: ProductKey) => string | undefined> {
  const distinct = new Map(products.map((product) => [keyText(product), product]))
  const wanted = [...distinct.values()]
  const { rows } = await client.query<{ id: string; asin: string; domain: string }>(LOCK, [
    wanted.map((product) => product.domain),
    wanted.map((product) => product.asin),
  ])
  const ids = new Map(rows.map((row) => [keyText(row), row.id]))
  return (product) => ids.get(keyText(product))
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
where not exists (
  select from watched_products as product
  where product.domain = wanted.domain and product.asin = wanted.asin
)
order by wanted.domain, wanted.asin
on conflict (domain, asin) do nothing
`

/** Makes a row for each product that has none yet. */
export async function createMissingProducts(
  client: ClientBase,
  products: readonly (ProductKey & { readonly title: string; readonly currency: string })[],
): Promise<void> {
  await client.query(CREATE_MISSING, [
    products.map((product) => product.domain),
    products.map((product) => product.asin),
    products.map((product) => product.title),
    products.map((product) => product.currency),
  ])
}
