import type { Pool } from 'pg'
import { ASINS_PER_REQUEST } from '../../core/keepa/products.ts'

const SELECT = `
select asin from (
  select asin from watched_products where domain = $1 and asin > $2
  union
  select asin from deals where domain = $1 and asin > $2
) as known
order by asin
limit ${ASINS_PER_REQUEST}
`

/**
 * The seed list: a marketplace's ASINs that are watched or were ever a deal. It replaces Keepa's deal request, which many
 * plans lack.
 */
export async function knownAsins(pool: Pool, domain: string, after: string): Promise<readonly string[]> {
  const { rows } = await pool.query<{ asin: string }>(SELECT, [domain, after])
  return rows.map(({ asin }) => asin)
}
