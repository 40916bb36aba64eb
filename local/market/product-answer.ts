import { CSV, CSV_LENGTH, type CsvType, TRIPLETS } from '../../lambdas/core/keepa/csv-types.ts'
import { keepaMinutesOfUnixMs } from '../../lambdas/core/keepa/time.ts'
import type { CatalogueEntry, Offer } from './catalogue.ts'
import { PAST_MINUTES, pastSteps } from './past.ts'
import { priceInSlot, shippingOf } from './prices.ts'

/** A stretch of time in which prices stand still. */
export interface Slot {
  /** Slots since 1970. */
  readonly number: number
  readonly lengthMs: number
}

/** What a product request asks for besides ASINs. What it does not ask for is absent or -1. */
export interface ProductView {
  readonly stats: boolean
  readonly history: boolean
  readonly rating: boolean
  readonly buyBox: boolean
}

/** When a slot began, in Keepa minutes: the time of every observation made in it. */
export const slotMinutes = ({ number, lengthMs }: Slot): number => keepaMinutesOfUnixMs(number * lengthMs)

/** The slots before the present one whose prices an answer holds; before them, prices change every few days (past.ts). */
const HISTORY_SLOTS = 24
const NO_OFFER = -1

const SERIES: Readonly<Record<Offer, readonly CsvType[]>> = {
  amazon: [CSV.amazon, CSV.new],
  'buy-box': [CSV.buyBoxShipping, CSV.new],
  fba: [CSV.newFba, CSV.new],
  new: [CSV.new],
  'out-of-stock': [CSV.amazon, CSV.new],
  'never-offered': [],
  'e-book': [],
}

/**
 * The series that an answer may hold: the buy box needs `buybox=1`, and NEW_FBA needs `offers`, which this market does
 * not have. Source: `isExtraData` of `Product.CsvType` in Keepa's own Java client; akaszynski/keepa#59.
 */
const seriesOf = ({ offer }: CatalogueEntry, { buyBox }: Pick<ProductView, 'buyBox'>): readonly CsvType[] =>
  SERIES[offer].filter((type) => type !== CSV.newFba && (buyBox || type !== CSV.buyBoxShipping))

/** Who wins the buy box asks less than the others, shipping included, so that a price without it is a dearer one. */
const OTHERS_ASK = 1.25

/** What a series holds where the product costs this much, without shipping. */
function priceIn(type: CsvType, entry: CatalogueEntry, price: number): number {
  const isOthers = entry.offer === 'buy-box' && type === CSV.new
  return isOthers ? Math.round((price + shippingOf(entry)) * OTHERS_ASK) : price
}

/** A product as Keepa's `product` request answers it; the fields that a price watcher might read. */
export function productAnswer(entry: CatalogueEntry, slot: Slot, view: ProductView): object {
  return {
    asin: entry.asin,
    domainId: entry.marketplace.keepaDomainId,
    title: entry.title,
    productType: entry.offer === 'e-book' ? 2 : 0,
    trackingSince: slotMinutes(slot) - PAST_MINUTES,
    lastUpdate: slotMinutes(slot),
    lastPriceChange: slotMinutes(slot),
    lastRatingUpdate: view.rating ? slotMinutes(slot) : 0,
    csv: view.history ? historyOf(entry, slot, view) : null,
    stats: view.stats ? statsOf(entry, slot, view) : null,
    offers: null,
  }
}

/** The present values by series: what `stats.current` and a deal's `current` hold. */
export function currentValues(
  entry: CatalogueEntry,
  slot: Slot,
  view: Pick<ProductView, 'rating' | 'buyBox'>,
): number[] {
  const values = factValues(entry, view)
  if (entry.offer === 'out-of-stock') return values
  const price = priceInSlot(entry, slot.number)
  for (const type of seriesOf(entry, view))
    values[type] = priceIn(type, entry, price) + (TRIPLETS.has(type) ? shippingOf(entry) : 0)
  return values
}

/** Mean values by series. Means hover around the base price, so the base price it is. */
export function meanValues(entry: CatalogueEntry, view: Pick<ProductView, 'buyBox'>): number[] {
  const values = factValues(entry, { rating: false })
  for (const type of seriesOf(entry, view))
    values[type] = priceIn(type, entry, entry.baseMinorUnits) + (TRIPLETS.has(type) ? shippingOf(entry) : 0)
  return values
}

function factValues(entry: CatalogueEntry, { rating }: Pick<ProductView, 'rating'>): number[] {
  const values = new Array<number>(CSV_LENGTH).fill(NO_OFFER)
  values[CSV.salesRank] = entry.salesRank
  values[CSV.listPrice] = Math.round((entry.baseMinorUnits * 11) / 10)
  values[CSV_COUNT_NEW] = 1 + (entry.seed % 20)
  if (rating) {
    values[CSV.rating] = entry.rating
    values[CSV.reviewCount] = entry.reviewCount
  }
  return values
}

/** COUNT_NEW: how many offers there are. There to be mistaken for a price. */
const CSV_COUNT_NEW = 11

function statsOf(entry: CatalogueEntry, slot: Slot, view: ProductView): object {
  const mean = meanValues(entry, view)
  return { current: currentValues(entry, slot, view), avg: mean, avg30: mean, avg90: mean }
}

function historyOf(entry: CatalogueEntry, slot: Slot, view: ProductView): (number[] | null)[] {
  const csv = new Array<number[] | null>(CSV_LENGTH).fill(null)
  const minutes = slotMinutes(slot)
  for (const [type, value] of factValues(entry, view).entries())
    if (value !== NO_OFFER) csv[type] = [minutes, value]
  for (const type of seriesOf(entry, view)) csv[type] = pastOf(entry, slot, type)
  return csv
}

function pastOf(entry: CatalogueEntry, slot: Slot, type: CsvType): number[] {
  const withShipping = TRIPLETS.has(type)
  const series: number[] = []
  const recent = slotMinutes({ ...slot, number: slot.number - HISTORY_SLOTS })
  for (const { minutes, value } of pastSteps(entry, type, recent)) {
    series.push(minutes, value < 0 ? NO_OFFER : priceIn(type, entry, value))
    if (withShipping) series.push(value < 0 ? NO_OFFER : shippingOf(entry))
  }
  for (let number = slot.number - HISTORY_SLOTS; number <= slot.number; number += 1) {
    const isGone = entry.offer === 'out-of-stock' && number === slot.number
    series.push(
      slotMinutes({ ...slot, number }),
      isGone ? NO_OFFER : priceIn(type, entry, priceInSlot(entry, number)),
    )
    if (withShipping) series.push(isGone ? NO_OFFER : shippingOf(entry))
  }
  return series
}
