import { KeeperError } from '../errors.ts'
import { type Marketplace, marketplaceOf } from '../marketplaces.ts'
import { CSV } from './csv-types.ts'
import { asObject, type JsonObject } from './json.ts'
import { decimalOf, discountPercent, minorUnitsOf } from './prices.ts'
import { ASIN_PATTERN, type Product, starsOf } from './products.ts'
import { isoOfKeepaMinutes } from './time.ts'

/** A product whose price has dropped. Prices are exact decimal strings in the marketplace's currency. */
export interface KeepaDeal {
  readonly asin: string
  /** As Keepa has it, empty if it has none. May contain HTML markup: escape it before display. */
  readonly title: string
  readonly price: string
  /** The average price over the interval; undefined if Keepa has none. */
  readonly originalPrice: string | undefined
  /** How far the price is below the average, in percent; negative if it is above. */
  readonly discountPercent: number
  /** Stars, 0 to 5. */
  readonly rating?: number
  readonly reviewCount?: number
  readonly salesRank?: number
  /** When Keepa saw the price (`lastUpdate`): ISO 8601 in UTC. */
  readonly observedAt: string
}

/** Selects deals; a missing field does not filter. */
export interface DealFilter {
  /** In percent. Keepa has deals of 10 % and more only; less is raised to 10. */
  readonly minDiscountPercent?: number
  /** Decimal string in the marketplace's currency. */
  readonly maxPrice?: string
  /** Stars, 0 to 5. */
  readonly minRating?: number
  /** Words that must all be in the title, in any case. */
  readonly titleSearch?: string
}

/** Keepa's page size: a page with fewer deals is the last. */
export const DEALS_PER_PAGE = 150

const LEAST_DISCOUNT_PERCENT = 10

/** The series and the interval (0: the last day) in which deals are requested and read. */
const PRICE_TYPE = CSV.amazon
const DATE_RANGE = 0
const NEWEST_FIRST = 1

/**
 * The body of a deal request. Source: `DealRequest` in Keepa's own Java client.
 * @throws KeeperError `keepa_rejected` if `maxPrice` is not a decimal number
 */
export function dealSelection(filter: DealFilter, marketplace: Marketplace, page: number): JsonObject {
  const maxPrice = filter.maxPrice === undefined ? undefined : minorUnitsOf(filter.maxPrice, marketplace)
  if (filter.maxPrice !== undefined && maxPrice === undefined)
    throw new KeeperError('keepa_rejected', `maxPrice is "${filter.maxPrice}": use a decimal such as 49.99.`)
  return {
    page,
    domainId: marketplace.keepaDomainId,
    priceTypes: [PRICE_TYPE],
    dateRange: DATE_RANGE,
    deltaPercentRange: [Math.max(LEAST_DISCOUNT_PERCENT, Math.ceil(filter.minDiscountPercent ?? 0)), 100],
    ...(maxPrice === undefined ? {} : { currentRange: [1, maxPrice] }),
    ...(filter.titleSearch ? { titleSearch: filter.titleSearch } : {}),
    minRating: filter.minRating === undefined ? -1 : Math.round(filter.minRating * 10),
    isRangeEnabled: true,
    isFilterEnabled: true,
    sortType: NEWEST_FIRST,
  }
}

/** One entry of `deals.dr`; undefined if it lacks an ASIN, a price or a time. */
export function dealOf(answered: unknown, marketplace: Marketplace): KeepaDeal | undefined {
  const deal = asObject(answered) ?? {}
  const minorUnits = wholeAt(deal.current, PRICE_TYPE)
  const price = decimalOf(minorUnits, marketplace)
  const observedAt = isoOfKeepaMinutes(deal.lastUpdate)
  const { asin, title } = deal
  if (typeof asin !== 'string' || !ASIN_PATTERN.test(asin)) return undefined
  if (!minorUnits || price === undefined || observedAt === undefined) return undefined
  const average = wholeAt(rowAt(deal.avg), PRICE_TYPE)
  const answeredPercent = rowAt(deal.deltaPercent)?.[PRICE_TYPE]
  return {
    asin,
    title: typeof title === 'string' ? title : '',
    price,
    originalPrice: decimalOf(average, marketplace),
    discountPercent:
      typeof answeredPercent === 'number' && answeredPercent !== 0
        ? answeredPercent
        : average
          ? discountPercent(minorUnits, average)
          : 0,
    rating: starsOf(wholeAt(deal.current, CSV.rating)),
    reviewCount: wholeAt(deal.current, CSV.reviewCount),
    salesRank: wholeAt(deal.current, CSV.salesRank) || undefined,
    observedAt,
  }
}

/**
 * A product as a deal, for plans where Keepa's deal request answers 404: its price compared with its 90-day mean, or
 * with the list price if the mean is missing or not higher. As in that request, only an offer by Amazon itself is a
 * deal: other prices are unknown until the buy box has been requested, and a deal's price is stored.
 * @param domain the marketplace that the product was read from
 * @returns undefined if it has no such price, or is cheaper than neither
 */
export function dealOfProduct(product: Product, domain: string): KeepaDeal | undefined {
  const marketplace = marketplaceOf(domain)
  if (!marketplace || product.price === undefined || product.offer !== 'amazon') return undefined
  const minorUnits = minorUnitsOf(product.price, marketplace)
  for (const originalPrice of [product.averagePrice90, product.listPrice]) {
    const original = originalPrice && minorUnitsOf(originalPrice, marketplace)
    if (!minorUnits || !original || original <= minorUnits) continue
    const { asin, title, price, rating, reviewCount, salesRank, observedAt } = product
    const percent = discountPercent(minorUnits, original)
    const seen = { rating, reviewCount, salesRank, observedAt }
    return { asin, title, price, originalPrice, discountPercent: percent, ...seen }
  }
  return undefined
}

/** `avg` and `deltaPercent` are indexed by interval, then by series. */
const rowAt = (rows: unknown): readonly unknown[] | undefined => {
  const row = Array.isArray(rows) ? rows[DATE_RANGE] : undefined
  return Array.isArray(row) ? row : undefined
}

const wholeAt = (values: unknown, index: number): number | undefined => {
  const value = Array.isArray(values) ? values[index] : undefined
  return Number.isSafeInteger(value) && value >= 0 ? value : undefined
}
