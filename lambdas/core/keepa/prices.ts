import type { Marketplace } from '../marketplaces.ts'
import { CSV, type CsvType } from './csv-types.ts'
import { asObject, type JsonObject } from './json.ts'
import { currentReading, type Reading } from './series.ts'

/** Whose offer a price is, in order of preference (docs/keepa.md). */
export type Offer = 'amazon' | 'buy-box' | 'fba' | 'new'

/** A price, its offer and the series that it was taken from. */
export interface CurrentPrice {
  readonly offer: Offer
  readonly type: CsvType
  /** In the marketplace's minor units (cents, yen); above 0. */
  readonly minorUnits: number
}

/** The price is the first of these offers that exists. */
export const PRICE_PRIORITY: readonly (readonly [Offer, CsvType])[] = [
  ['amazon', CSV.amazon],
  ['buy-box', CSV.buyBoxShipping],
  ['fba', CSV.newFba],
  ['new', CSV.new],
]

/** Product types that have a price: 0 standard and 1 download. Not 2 e-book, 3 inaccessible, 4 invalid, 5 parent. */
const PRICED_PRODUCT_TYPES: ReadonlySet<unknown> = new Set([0, 1])

/**
 * The current value of a series of pairs that are no prices to pay: a count, a rank, a rating, the list price.
 * @returns an integer from 0, or undefined: none (-1), not retrieved (-2), absent or malformed
 */
export function currentValue(product: JsonObject, type: CsvType): number | undefined {
  const series = Array.isArray(product.csv) ? product.csv[type] : undefined
  if (!Array.isArray(series) || series.length === 0) return statistic(product, 'current', type)
  return series.length % 2 === 0 ? wholeNumber(series.at(-1)) : undefined
}

/** One entry of `stats`: `current`, `avg90` ... at a series' index, under the same rule as `currentValue`. */
export function statistic(product: JsonObject, name: string, type: CsvType): number | undefined {
  const values = asObject(product.stats)?.[name]
  return Array.isArray(values) ? wholeNumber(values[type]) : undefined
}

/**
 * The price that a customer would pay, as the series say at one time; the same for the present and the past. Where a
 * series cannot be read, no other one stands in for it.
 * @returns the first offer that exists; `none` if Keepa says so of Amazon's and of every other new offer; else why it is
 *   not known
 */
export function firstOffer(
  readingOf: (type: CsvType) => Reading,
): CurrentPrice | 'none' | 'unknown' | 'unreadable' {
  let isCertain = true
  for (const [offer, type] of PRICE_PRIORITY) {
    const reading = readingOf(type)
    if (typeof reading === 'number') return { offer, type, minorUnits: reading }
    if (reading === 'unreadable') return reading
    // The other two are in an answer only on request.
    if (reading === 'unknown' && (offer === 'amazon' || offer === 'new')) isCertain = false
  }
  return isCertain ? 'none' : 'unknown'
}

/** Whether products of this type have prices. */
export const isPriced = ({ productType }: JsonObject): boolean => PRICED_PRODUCT_TYPES.has(productType ?? 0)

/** What a customer would pay now (see firstOffer). Never a count, never shipping alone. */
export const currentOffer = (product: JsonObject): ReturnType<typeof firstOffer> =>
  isPriced(product) ? firstOffer((type) => currentReading(product, type)) : 'unknown'

/** The price that a customer would pay now; undefined if there is none, or it is not known. */
export function currentPrice(product: JsonObject): CurrentPrice | undefined {
  const offer = currentOffer(product)
  return typeof offer === 'string' ? undefined : offer
}

/**
 * Minor units as an exact decimal string with two digits, without floats: 4999 is `49.99` in cents, `4999.00` in yen.
 * @returns undefined for anything but an integer above 0: Keepa's -1, -2 and 0 are not prices
 */
export function decimalOf(
  minorUnits: number | undefined,
  { minorUnitDigits }: Marketplace,
): string | undefined {
  if (!minorUnits || wholeNumber(minorUnits) === undefined) return undefined
  if (minorUnitDigits === 0) return `${minorUnits}.00`
  const digits = String(minorUnits).padStart(minorUnitDigits + 1, '0')
  return `${digits.slice(0, -minorUnitDigits)}.${digits.slice(-minorUnitDigits)}`
}

/**
 * The reverse of `decimalOf`; digits beyond the minor unit are cut off.
 * @returns undefined if the text is not a plain decimal number
 */
export function minorUnitsOf(decimal: string, { minorUnitDigits }: Marketplace): number | undefined {
  const [, whole, fraction = ''] = /^(\d{1,12})(?:\.(\d+))?$/.exec(decimal) ?? []
  return whole === undefined
    ? undefined
    : Number(whole + fraction.padEnd(minorUnitDigits, '0').slice(0, minorUnitDigits))
}

/**
 * How far `minorUnits` is below `original`, in percent, rounded half up to one decimal in integer arithmetic:
 * 3999 of 5999 is 33.3. Negative if it is above.
 */
export const discountPercent = (minorUnits: number, original: number): number =>
  Math.floor(((original - minorUnits) * 2000 + original) / (original * 2)) / 10

const wholeNumber = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
