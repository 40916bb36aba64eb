import type { Pool } from 'pg'
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

/** What one call to Keepa can ask for. */
const PAGE = 100

// In the order of the unique index. A product that only deals made is checked once somebody watches it.
const SELECT = `
select product.asin, product.domain, product.title, product.currency,
  product.current_price as "currentPrice", active.target_price as "targetPrice"
from watched_products as product
left join lateral (
  select max(nullif(watch.target_price, 0)) as target_price, count(*) as watches
  from watches as watch
  where watch.product_id = product.id and watch.status = 'ACTIVE'
) as active on true
where (product.domain, product.asin) > ($1, $2)
  and (product.added_by <> 'deal' or active.watches > 0)
order by product.domain, product.asin
limit ${PAGE}
`

/** The next products after `after`, of one marketplace, in the order of domain and ASIN; none at the end. */
export async function nextPage(pool: Pool, after: ProductKey | null): Promise<readonly WatchedProduct[]> {
  const { rows } = await pool.query<WatchedProduct>(SELECT, [after?.domain ?? '', after?.asin ?? ''])
  return rows.filter(({ domain }) => domain === rows[0]?.domain)
}
