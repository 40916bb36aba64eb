import type { Pool } from 'pg'
import { ASINS_PER_REQUEST } from '../../core/keepa/products.ts'
import type { Amount } from '../../core/money.ts'
import type { ProductKey } from '../../core/postgres/watched-products.ts'

/** A product whose price is to be asked for. */
export interface WatchedProduct extends ProductKey {
  readonly title: string
  readonly currency: string
  /** The last known price. */
  readonly currentPrice: Amount | null
  /** The highest target of its active watches. */
  readonly targetPrice: Amount | null
}

// In the order of the unique index. A product that only deals made is checked once somebody watches it.
const SELECT = `
select asin, domain, title, currency, current_price as "currentPrice", highest_target as "targetPrice"
from watched_products as product
where (domain, asin) > ($1, $2)
  and (added_by <> 'deal'
    or exists (select from watches as watch where watch.product_id = product.id and watch.status = 'ACTIVE'))
order by domain, asin
limit ${ASINS_PER_REQUEST}
`

/** The next products after `after`, of one marketplace, in the order of domain and ASIN; none at the end. */
export async function nextPage(pool: Pool, after: ProductKey | null): Promise<readonly WatchedProduct[]> {
  const values = [after?.domain ?? '', after?.asin ?? '']
  // By name: planned once a connection, not once a page.
  const { rows } = await pool.query<WatchedProduct>({ name: 'watched-page', text: SELECT, values })
  return rows.filter(({ domain }) => domain === rows[0]?.domain)
}
