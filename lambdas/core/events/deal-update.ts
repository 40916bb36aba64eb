import { type Amount, hundredthsOf, numberOfAmount } from '../money.ts'
import {
  checkCurrency,
  checkEventType,
  type Fields,
  readAsin,
  readCurrentPrice,
  readMarketplace,
  readNullableAmount,
  readNullableNumber,
  readTimestamp,
  readTitle,
} from './fields.ts'
import { type Parsed, parseEvent } from './parse.ts'
import type { EventTime } from './timestamp.ts'

/** A deal as a consumer reads it from `deal-updates` (docs/events.md). */
export interface DealUpdate {
  readonly asin: string
  readonly domain: string
  readonly currency: string
  readonly title: string
  readonly currentPrice: Amount | null
  readonly originalPrice: Amount | null
  /** Percent as sent, never recomputed; null if it is not a number that can be stored. */
  readonly discountPercent: number | null
  /** Stars, 0 to 5. */
  readonly rating: number | null
  readonly reviewCount: number | null
  readonly salesRank: number | null
  readonly time: EventTime | undefined
}

const INT4_MAX = 2_147_483_647

/** Reads a record's value. */
export const parseDealUpdate = (text: string): Parsed<DealUpdate> => parseEvent(text, readDealUpdate)

function readDealUpdate(fields: Fields): DealUpdate {
  checkEventType(fields, 'deal_update')
  const asin = readAsin(fields)
  const marketplace = readMarketplace(fields)
  checkCurrency(fields, marketplace)
  return {
    asin,
    domain: marketplace.domain,
    currency: marketplace.currency,
    title: readTitle(fields),
    currentPrice: readCurrentPrice(fields),
    originalPrice: readNullableAmount(fields, 'original_price', 'bad_original_price'),
    discountPercent: readDiscount(fields),
    rating: readNullableNumber(fields, 'rating', 'bad_rating', { max: 5 }),
    reviewCount: readNullableNumber(fields, 'review_count', 'bad_review_count', {
      max: INT4_MAX,
      integer: true,
    }),
    salesRank: readNullableNumber(fields, 'sales_rank', 'bad_sales_rank', { max: INT4_MAX, integer: true }),
    time: readTimestamp(fields),
  }
}

/** The largest value of numeric(8,2). A larger number may round up to a million, which Postgres refuses. */
const MAX_DISCOUNT = 999_999.99

/** A discount that cannot be stored becomes null; it is never a reason to reject the event. */
function readDiscount(fields: Fields): number | null {
  const value = fields.discount_percent
  return typeof value === 'number' && Math.abs(value) <= MAX_DISCOUNT ? value : null
}

/** A deal as a producer sends it. */
export interface DealObservation {
  readonly asin: string
  readonly domain: string
  readonly title: string
  readonly currentPrice: Amount
  readonly originalPrice: Amount | null
  readonly discountPercent: number | null
  readonly rating: number | null
  readonly reviewCount: number | null
  readonly salesRank: number | null
  /** When the deal was observed, ISO 8601. */
  readonly timestamp: string
}

/**
 * The message value of a deal, its fields in the order of docs/events.md.
 * @throws RangeError if the price is 0: no price, no event
 */
export function serializeDealUpdate(deal: DealObservation): string {
  if (hundredthsOf(deal.currentPrice) <= 0) throw new RangeError(`${deal.asin} has no price: no event`)
  return JSON.stringify({
    asin: deal.asin,
    product_title: deal.title,
    current_price: numberOfAmount(deal.currentPrice),
    original_price: deal.originalPrice === null ? null : numberOfAmount(deal.originalPrice),
    discount_percent: deal.discountPercent,
    rating: deal.rating,
    review_count: deal.reviewCount,
    sales_rank: deal.salesRank,
    domain: deal.domain,
    timestamp: deal.timestamp,
    event_type: 'deal_update',
  })
}
