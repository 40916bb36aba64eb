import { maxValue, minValue, number, object, optional, pipe, string } from 'valibot'
import { marketplaceOf } from '../../core/marketplaces.ts'
import type { Amount } from '../../core/money.ts'
import { operation, type Page } from '../operation.ts'
import { readAmount } from './amounts.ts'
import { domain, written } from './inputs.ts'
import { iso, PAGE_ROWS, pageOf } from './page.ts'

/** What of deals can be limited, here and in the filters of the daily report. */
export const dealLimits = {
  domain: optional(domain),
  /** Percent. */
  minDiscount: optional(
    pipe(
      number('a discount is a number of percent'),
      minValue(0, 'a discount is at least 0 percent'),
      maxValue(100, 'a discount is at most 100 percent'),
    ),
  ),
  maxPrice: optional(written),
  /** Stars. */
  minRating: optional(
    pipe(
      number('a rating is a number of stars'),
      minValue(0, 'a rating is at least 0 stars'),
      maxValue(5, 'a rating is at most 5 stars'),
    ),
  ),
}

export interface DealSummary {
  readonly asin: string
  readonly domain: string
  readonly title: string
  /** ISO 4217. */
  readonly currency: string
  readonly price: Amount
  readonly original: Amount | null
  /** Percent. */
  readonly discount: number | null
  readonly rating: number | null
  readonly reviews: number | null
  readonly salesRank: number | null
  readonly dealAt: string
}

/** A deal without a discount comes behind all others. */
const DISCOUNT = 'coalesce(discount_percent, -1000000)'

export const listDeals = operation({
  access: 'read',
  does: 'Lists the newest deal of each product, the largest discount first.',
  input: object({
    ...dealLimits,
    cursor: optional(object({ discount: string(), asin: string(), domain: string() })),
  }),
  run: async (
    { cursor, ...limits },
    { pool },
  ): Promise<Page<DealSummary, { discount: string; asin: string; domain: string }>> => {
    const { rows } = await pool().query<Omit<DealSummary, 'currency'> & { place: string }>(
      `select asin, domain, title, current_price as price, original_price as original,
         discount_percent::double precision as discount, rating::double precision as rating,
         review_count as reviews, sales_rank as "salesRank", ${iso('deal_at')} as "dealAt", ${DISCOUNT}::text as place
       from deals
       where ($1::text is null or domain = $1) and ($2::numeric is null or discount_percent >= $2)
         and ($3::numeric is null or current_price <= $3) and ($4::numeric is null or rating >= $4)
         and ($5::numeric is null or (${DISCOUNT}, asin, domain) < ($5, $6, $7))
       order by ${DISCOUNT} desc, asin desc, domain desc limit ${PAGE_ROWS}`,
      [
        limits.domain ?? null,
        limits.minDiscount ?? null,
        limits.maxPrice === undefined ? null : readAmount(limits.maxPrice),
        limits.minRating ?? null,
        ...(cursor ? [cursor.discount, cursor.asin, cursor.domain] : [null, null, null]),
      ],
    )
    const page = pageOf(rows, (row) => ({ discount: row.place, asin: row.asin, domain: row.domain }))
    return {
      rows: page.rows.map(({ place: _, ...deal }) => {
        return { ...deal, currency: marketplaceOf(deal.domain)?.currency ?? '' }
      }),
      next: page.next,
    }
  },
})
