import type { Pool } from 'pg'
import { ASINS_PER_REQUEST } from '../../core/keepa/products.ts'
import type { ProductKey } from '../../core/prices/watched-products.ts'
import { WATCHED_PRODUCT, type WatchedProduct } from '../../core/watched/watched-product.ts'

/**
 * A place in a pass: after this product. In each marketplace, products asked for without the buy box come first, then
 * those with it, both ordered by ASIN. So a product whose first answer shows that it needs the buy box comes again in the
 * same pass.
 */
export interface Place extends ProductKey {
  /** Missing, which means false, in a place saved by a version without the buy box. */
  readonly asksBuyBox?: boolean
}

/** The products of one request to Keepa: of one marketplace, all with the buy box or all without. */
export interface WatchedPage {
  readonly domain: string
  readonly asksBuyBox: boolean
  readonly products: readonly WatchedProduct[]
  /** The place after its last product. */
  readonly through: Place
}

// In the order of the unique index on domain and ASIN. A product created by a deal is checked only once it is watched.
const SELECT = `
select ${WATCHED_PRODUCT}
from watched_products as product
where domain = $1 and asin > $2 and asks_buy_box = $3
  and (added_by <> 'deal'
    or exists (select from watches as watch where watch.product_id = product.id and watch.status = 'ACTIVE'))
order by asin
limit ${ASINS_PER_REQUEST}
`

const NEXT_DOMAIN = 'select domain from watched_products where domain > $1 order by domain limit 1'

/** The next products of a pass after `after`; undefined at its end. */
export async function nextPage(pool: Pool, after: Place): Promise<WatchedPage | undefined> {
  for (let place: Place | undefined = after; place; place = await nextGroup(pool, place)) {
    const { domain, asin, asksBuyBox = false } = place
    const values = [domain, asin, asksBuyBox]
    // A named statement is planned once per connection, not once per page.
    const { rows } = await pool.query<WatchedProduct>({ name: 'watched-page', text: SELECT, values })
    const last = rows.at(-1)
    if (last) return { domain, asksBuyBox, products: rows, through: { domain, asin: last.asin, asksBuyBox } }
  }
  return undefined
}

/** The start of the next group: the same marketplace with the buy box, or the next marketplace. */
async function nextGroup(pool: Pool, { domain, asksBuyBox = false }: Place): Promise<Place | undefined> {
  if (domain !== '' && !asksBuyBox) return { domain, asin: '', asksBuyBox: true }
  const { rows } = await pool.query<{ domain: string }>(NEXT_DOMAIN, [domain])
  return rows[0] && { domain: rows[0].domain, asin: '', asksBuyBox: false }
}
