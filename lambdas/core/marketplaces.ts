/**
 * Amazon's marketplaces, one row each: the domain of the events, its currency and Keepa's domain id.
 * Source of the ids: https://keepa.com/#!api (domain ids; 7 is reserved).
 */
export interface Marketplace {
  /** What follows `amazon.` in the address: `de`, `com`, `co.uk`. */
  readonly domain: string
  /** ISO 4217. */
  readonly currency: string
  readonly keepaDomainId: number
  /** How many minor units make one unit of the currency, as a power of ten: 2 for cents, 0 for yen. */
  readonly minorUnitDigits: 0 | 2
}

export const MARKETPLACES: readonly Marketplace[] = [
  { domain: 'com', currency: 'USD', keepaDomainId: 1, minorUnitDigits: 2 },
  { domain: 'co.uk', currency: 'GBP', keepaDomainId: 2, minorUnitDigits: 2 },
  { domain: 'de', currency: 'EUR', keepaDomainId: 3, minorUnitDigits: 2 },
  { domain: 'fr', currency: 'EUR', keepaDomainId: 4, minorUnitDigits: 2 },
  { domain: 'co.jp', currency: 'JPY', keepaDomainId: 5, minorUnitDigits: 0 },
  { domain: 'ca', currency: 'CAD', keepaDomainId: 6, minorUnitDigits: 2 },
  { domain: 'it', currency: 'EUR', keepaDomainId: 8, minorUnitDigits: 2 },
  { domain: 'es', currency: 'EUR', keepaDomainId: 9, minorUnitDigits: 2 },
  { domain: 'in', currency: 'INR', keepaDomainId: 10, minorUnitDigits: 2 },
  { domain: 'com.mx', currency: 'MXN', keepaDomainId: 11, minorUnitDigits: 2 },
  { domain: 'com.br', currency: 'BRL', keepaDomainId: 12, minorUnitDigits: 2 },
]

const byDomain = new Map(MARKETPLACES.map((marketplace) => [marketplace.domain, marketplace]))

/** The marketplace of a domain (`de`), or undefined if Amazon or Keepa has none. */
export const marketplaceOf = (domain: string): Marketplace | undefined => byDomain.get(domain)
