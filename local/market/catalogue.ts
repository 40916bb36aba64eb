import { decimalOf } from '../../lambdas/core/keepa/prices.ts'
import { type Marketplace, marketplaceOf } from '../../lambdas/core/marketplaces.ts'
import { draw } from './draw.ts'
import { articleOf } from './titles.ts'

/** Whose offer there is, hence in which of Keepa's series the price stands. */
export type Offer = 'amazon' | 'buy-box' | 'fba' | 'new' | 'out-of-stock' | 'never-offered' | 'e-book'

/** One product of the simulated market. */
export interface CatalogueEntry {
  readonly asin: string
  readonly domain: string
  readonly title: string
  /** What it costs when nothing is on sale: an exact decimal string in the domain's currency. Targets start here. */
  readonly basePrice: string
  readonly offer: Offer
  readonly marketplace: Marketplace
  /** `basePrice` in minor units. */
  readonly baseMinorUnits: number
  /** The number from which all of this product's draws follow. */
  readonly seed: number
  readonly rating: number
  readonly reviewCount: number
  readonly salesRank: number
}

/** The market's products, in a fixed order. */
export interface Catalogue {
  /** Without the example's offers abroad, which only `find` knows. */
  readonly entries: readonly CatalogueEntry[]
  find(domain: string, asin: string): CatalogueEntry | undefined
}

const DOMAINS = ['de', 'com', 'co.uk'] as const

/** The product that the documentation and the examples speak of; always there, always for sale. */
const EXAMPLE = { asin: 'B07W6JN8V8', title: 'Logitech K380 Multi-Device QWERTZ', basePrice: 59_99 } as const

/** Where else it is sold, for comparing marketplaces of one currency, and what it costs there. */
const ABROAD = { fr: 57_99, it: 61_49, es: 58_90 } as const

/** Shares of the offers; what is left has Amazon's own. */
const OFFERS: readonly (readonly [Offer, number])[] = [
  ['buy-box', 0.1],
  ['fba', 0.07],
  ['new', 0.06],
  ['out-of-stock', 0.04],
  ['never-offered', 0.03],
  ['e-book', 0.01],
]

/** `size` products over de, com and co.uk in turn; the same for the same seed and size, and a larger one begins alike. */
export function createCatalogue(seed: number, size: number): Catalogue {
  const entries = Array.from({ length: size }, (_, index) => entryOf(seed, index))
  const abroad = Object.entries(ABROAD).map(([domain, basePrice], index) =>
    entryAt(domain, { ...EXAMPLE, basePrice }, 'amazon', (which) => draw(seed, -1 - index, which)),
  )
  const byKey = new Map([...entries, ...abroad].map((entry) => [`${entry.domain}/${entry.asin}`, entry]))
  return { entries, find: (domain, asin) => byKey.get(`${domain}/${asin}`) }
}

function entryOf(seed: number, index: number): CatalogueEntry {
  const isExample = index === 0
  const domain = DOMAINS[index % DOMAINS.length] ?? DOMAINS[0]
  const article = isExample ? EXAMPLE : { asin: asinOf(seed, index), ...articleOf(seed, index) }
  const offer = isExample ? 'amazon' : offerOf(draw(seed, index, 7))
  return entryAt(domain, article, offer, (which) => draw(seed, index, which))
}

function entryAt(
  domain: string,
  { asin, title, basePrice }: { readonly asin: string; readonly title: string; readonly basePrice: number },
  offer: Offer,
  drawn: (which: number) => number,
): CatalogueEntry {
  const marketplace = marketplaceOf(domain)
  if (!marketplace) throw new RangeError(`No marketplace "${domain}"`)
  return {
    ...{ asin, domain, title, offer, marketplace },
    basePrice: decimalOf(basePrice, marketplace) ?? '',
    baseMinorUnits: basePrice,
    seed: Math.floor(drawn(8) * 2 ** 31),
    rating: 30 + Math.floor(drawn(9) * 21),
    reviewCount: Math.floor(drawn(10) ** 3 * 20_000),
    salesRank: 1 + Math.floor(drawn(11) * 250_000),
  }
}

function offerOf(drawn: number): Offer {
  let below = 0
  for (const [offer, share] of OFFERS) {
    below += share
    if (drawn < below) return offer
  }
  return 'amazon'
}

const ASINS = 36 ** 8

/** Has no factor 2 or 3, so that multiplying by it visits each of the 36^8 ASINs once: they never collide. */
const STRIDE = 4_999_999_937

/** `B0` and eight of 0-9 A-Z, different for every index and seemingly in no order. */
function asinOf(seed: number, index: number): string {
  const start = Math.floor(draw(seed, 12) * ASINS)
  const number = (start + index * STRIDE) % ASINS
  const asin = `B0${number.toString(36).toUpperCase().padStart(8, '0')}`
  // The example's own ASIN is taken: whoever would get it takes the one that index 0 left free.
  return asin === EXAMPLE.asin ? asinOf(seed, 0) : asin
}
