import type { DealUpdate } from '../events/deal-update.ts'
import type { EventTime } from '../events/timestamp.ts'
import { type Amount, numberOfAmount } from '../money.ts'

/** A deal in the index; its fields are the columns of the table `deals`. */
export interface DealDocument {
  readonly asin: string
  readonly domain: string
  /** Empty if unknown. */
  readonly title: string
  readonly current_price: number
  readonly original_price: number | null
  /** Percent, as sent. */
  readonly discount_percent: number | null
  /** Stars. */
  readonly rating: number | null
  readonly review_count: number | null
  readonly sales_rank: number | null
  /** The event's time, ISO 8601 in UTC. */
  readonly deal_at: string
}

/** The id of a product's deal: `de-B07W6JN8V8`. */
export const dealIdOf = ({ domain, asin }: Pick<DealUpdate, 'domain' | 'asin'>): string => `${domain}-${asin}`

/**
 * A deal's version: the event's time in microseconds since 1970, because two observations may be less than a millisecond
 * apart. OpenSearch keeps the document with the larger one, whatever the order of arrival.
 * https://docs.opensearch.org/latest/api-reference/document-apis/index-document/ (version_type)
 */
export const dealVersionOf = ({ micros }: EventTime): number => micros

/** The document of an event with its price, and its time (the record's, if the event has none). */
export const dealDocument = (deal: DealUpdate, price: Amount, time: EventTime): DealDocument => ({
  asin: deal.asin,
  domain: deal.domain,
  title: deal.title,
  current_price: numberOfAmount(price),
  original_price: deal.originalPrice === null ? null : numberOfAmount(deal.originalPrice),
  discount_percent: deal.discountPercent,
  rating: deal.rating,
  review_count: deal.reviewCount,
  sales_rank: deal.salesRank,
  deal_at: time.text,
})
