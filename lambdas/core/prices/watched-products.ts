import type { ClientBase } from 'pg'
import { arrayLiteral, textArrayLiteral } from '../postgres/array-literal.ts'

/** A product's ASIN and marketplace. */
export interface ProductKey {
  readonly asin: string
  readonly domain: string
}

// Sorted, so that two transactions that create the same products cannot deadlock.
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
  select from watched_products as product where product.domain = wanted.domain and product.asin = wanted.asin
)
order by wanted.domain, wanted.asin
on conflict (domain, asin) do nothing
`

/** The columns of a new product's row. */
export interface NewProduct extends ProductKey {
  readonly title: string
  readonly currency: string
}

/** Creates rows for the products that have none. */
export async function createMissingProducts(
  client: ClientBase,
  products: readonly NewProduct[],
): Promise<void> {
  await client.query(CREATE_MISSING, [
    arrayLiteral(products.map((product) => product.domain)),
    arrayLiteral(products.map((product) => product.asin)),
    textArrayLiteral(products.map((product) => product.title)),
    arrayLiteral(products.map((product) => product.currency)),
  ])
}
