import type { Pool } from 'pg'
import { WATCHED_PRODUCT, type WatchedProduct } from '../../core/watched/watched-product.ts'

/** A place in the order in which products are imported: after this one. */
export interface Place {
  readonly domain: string
  readonly id: string
}

/** Products of one marketplace whose past is to be imported. */
export interface WaitingPage {
  readonly domain: string
  readonly products: readonly WatchedProduct[]
  /** The place after its last product. */
  readonly through: Place
}

/** The place before every product. */
export const START: Place = { domain: '', id: '0' }

// A product that Keepa has no prices for is imported once the price check finds that it has.
const WAITING = `
select ${WATCHED_PRODUCT}
from watched_products as product
where history_imported_at is null and keepa_problem is null and (domain, id) > ($1, $2::bigint)
  and exists (select from watches as watch where watch.product_id = product.id and watch.status = 'ACTIVE')
order by domain, id
limit $3
`

const NAMED = `
select ${WATCHED_PRODUCT}
from watched_products as product
where id = any ($4::bigint[]) and (domain, id) > ($1, $2::bigint)
order by domain, id
limit $3
`

/**
 * The next products after a place whose past nobody has imported, at most `limit`; undefined if there are none.
 * @param ids only these products, whether their past was imported or not
 */
export async function nextWaiting(
  pool: Pool,
  after: Place,
  limit: number,
  ids?: readonly string[],
): Promise<WaitingPage | undefined> {
  const place = [after.domain, after.id, limit]
  const { rows } = await (ids
    ? pool.query<WatchedProduct>(NAMED, [...place, ids])
    : pool.query<WatchedProduct>(WAITING, place))
  const domain = rows[0]?.domain
  const products = rows.filter((product) => product.domain === domain)
  const last = products.at(-1)
  return last && { domain: last.domain, products, through: { domain: last.domain, id: last.id } }
}

// Rows are locked in the consumers' order, so that the two cannot deadlock.
const MARK = `
with imported as materialized (
  select id from watched_products where id = any ($1::bigint[]) order by domain, asin for no key update
)
update watched_products as product set history_imported_at = now() from imported where product.id = imported.id
`

/** Saves that the products' past is imported. */
export async function markImported(pool: Pool, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await pool.query(MARK, [ids])
}
