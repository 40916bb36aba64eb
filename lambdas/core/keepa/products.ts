import type { Marketplace } from '../marketplaces.ts'
import { CSV } from './csv-types.ts'
import { asNumber, asObject, type JsonObject } from './json.ts'
import { type PastPrice, pastPrices } from './past-prices.ts'
import { currentOffer, currentValue, decimalOf, type Offer, statistic } from './prices.ts'
import { isoOfKeepaMinutes, keepaMinutesOfUnixMs } from './time.ts'

/** One product as Keepa last saw it. Prices are exact decimal strings in the marketplace's currency: `"49.99"`. */
export interface Product {
  readonly asin: string
  /** Empty if Keepa has none. */
  readonly title: string
  /** What a customer would pay now; undefined if nothing is offered: no event, only a count. */
  readonly price: string | undefined
  /** Nothing is offered: neither Amazon's own offer nor any other new one. False if that is not known. */
  readonly isGone: boolean
  /** The prices before `observedAt`, if they were asked for; `unreadable` if Keepa's answer is malformed. */
  readonly past?: readonly PastPrice[] | 'unreadable'
  /** Whose offer the price is; `buy-box` only if the buy box was asked for. */
  readonly offer?: Offer
  /** When Keepa saw it (`lastUpdate`): ISO 8601 in UTC, `2026-02-20T12:30:00Z`. */
  readonly observedAt: string
  /** Mean of the last 90 days, in the series that `price` was taken from. */
  readonly averagePrice90?: string
  readonly listPrice?: string
  /** Stars, 0 to 5, in steps of 0.1; only if ratings were asked for. */
  readonly rating?: number
  readonly reviewCount?: number
  readonly salesRank?: number
  /** 0 standard, 1 download, 2 e-book, 3 inaccessible, 4 invalid ASIN, 5 variation parent; 2 to 5 have no price. */
  readonly productType: number
  /** Amazon shows another product in its place. Keepa reports this only sometimes, so false may mean "unknown". */
  readonly isRedirected: boolean
}

/** Keepa's limit of products per request. */
export const ASINS_PER_REQUEST = 100

/** An ASIN as Keepa and the events write it: ten characters A-Z and 0-9. */
export const ASIN_PATTERN = /^[A-Z0-9]{10}$/

/**
 * The products of an answer by ASIN. If a product comes twice, the newer one is kept. Entries that are not products,
 * belong to another marketplace, or lack a time of observation are left out.
 * @param pastFromMs reads the past too, from this time on
 */
export function productsByAsin(
  products: readonly unknown[],
  marketplace: Marketplace,
  pastFromMs?: number,
): Map<string, Product> {
  const byAsin = new Map<string, Product>()
  for (const candidate of products) {
    const product = productOf(asObject(candidate) ?? {}, marketplace, pastFromMs)
    const known = product && byAsin.get(product.asin)
    if (product && (!known || known.observedAt < product.observedAt)) byAsin.set(product.asin, product)
  }
  return byAsin
}

function productOf(
  answered: JsonObject,
  marketplace: Marketplace,
  pastFromMs: number | undefined,
): Product | undefined {
  const { asin, title, domainId, productType, lastUpdate } = answered
  const observedAt = isoOfKeepaMinutes(lastUpdate)
  if (typeof asin !== 'string' || !ASIN_PATTERN.test(asin) || observedAt === undefined) return undefined
  if (domainId !== undefined && domainId !== marketplace.keepaDomainId) return undefined
  const current = currentOffer(answered)
  const price = typeof current === 'string' ? undefined : current
  return {
    asin,
    title: typeof title === 'string' ? title : '',
    price: decimalOf(price?.minorUnits, marketplace),
    isGone: current === 'none',
    ...(pastFromMs !== undefined && {
      past: pastPrices(answered, marketplace, {
        from: keepaMinutesOfUnixMs(pastFromMs),
        until: asNumber(lastUpdate) ?? 0,
      }),
    }),
    offer: price?.offer,
    observedAt,
    averagePrice90: price && decimalOf(statistic(answered, 'avg90', price.type), marketplace),
    listPrice: decimalOf(currentValue(answered, CSV.listPrice), marketplace),
    rating: starsOf(currentValue(answered, CSV.rating)),
    reviewCount: currentValue(answered, CSV.reviewCount),
    salesRank: currentValue(answered, CSV.salesRank) || undefined,
    productType: asNumber(productType) ?? 0,
    isRedirected: answered.isRedirectASIN === true,
  }
}

/** Keepa's 0 to 50 as stars: 45 is 4.5, 0 means "no rating". */
export const starsOf = (tenths: number | undefined): number | undefined => (tenths ? tenths / 10 : undefined)
