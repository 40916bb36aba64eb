import { CSV, CSV_LENGTH, type CsvType, TRIPLETS } from '../../lambdas/core/keepa/csv-types.ts'
import { keepaMinutesOfUnixMs } from '../../lambdas/core/keepa/time.ts'
import type { CatalogueEntry, Offer } from './catalogue.ts'
import { priceInSlot, shippingOf } from './prices.ts'

/** A stretch of time in which prices stand still. */
export interface Slot {
  /** Slots since 1970. */
  readonly number: number
  readonly lengthMs: number
}

/** What a product request asks for besides ASINs. */
export interface ProductView {
  readonly stats: boolean
  readonly history: boolean
  readonly rating: boolean
}

/** When a slot began, in Keepa minutes: the time of every observation made in it. */
export const slotMinutes = ({ number, lengthMs }: Slot): number => keepaMinutesOfUnixMs(number * lengthMs)

const HISTORY_SLOTS = 24
const NO_OFFER = -1

const SERIES: Readonly<Record<Offer, readonly CsvType[]>> = {
  amazon: [CSV.amazon, CSV.new],
  'buy-box': [CSV.buyBoxShipping],
  fba: [CSV.newFba, CSV.new],
  new: [CSV.new],
  'out-of-stock': [CSV.amazon, CSV.new],
  'never-offered': [],
  'e-book': [],
}

/** A product as Keepa's `product` request answers it; the fields that a price watcher might read. */
export function productAnswer(entry: CatalogueEntry, slot: Slot, view: ProductView): object {
  return {
    asin: entry.asin,
    domainId: entry.marketplace.keepaDomainId,
    title: entry.title,
    productType: entry.offer === 'e-book' ? 2 : 0,
    trackingSince: slotMinutes({ ...slot, number: slot.number - HISTORY_SLOTS }),
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
  view: Pick<ProductView, 'rating'>,
): number[] {
  const values = factValues(entry, view)
  if (entry.offer === 'out-of-stock') return values
  const price = priceInSlot(entry, slot.number)
  for (const type of SERIES[entry.offer])
    values[type] = TRIPLETS.has(type) ? price + shippingOf(entry) : price
  return values
}

/** Mean values by series. Means hover around the base price, so the base price it is. */
export function meanValues(entry: CatalogueEntry): number[] {
  const values = factValues(entry, { rating: false })
  for (const type of SERIES[entry.offer])
    values[type] = entry.baseMinorUnits + (TRIPLETS.has(type) ? shippingOf(entry) : 0)
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
  const mean = meanValues(entry)
  return { current: currentValues(entry, slot, view), avg: mean, avg30: mean, avg90: mean }
}

function historyOf(entry: CatalogueEntry, slot: Slot, view: ProductView): (number[] | null)[] {
  const csv = new Array<number[] | null>(CSV_LENGTH).fill(null)
  const minutes = slotMinutes(slot)
  for (const [type, value] of factValues(entry, view).entries())
    if (value !== NO_OFFER) csv[type] = [minutes, value]
  for (const type of SERIES[entry.offer]) csv[type] = seriesOf(entry, slot, type)
  return csv
}

function seriesOf(entry: CatalogueEntry, slot: Slot, type: CsvType): number[] {
  const withShipping = TRIPLETS.has(type)
  const series: number[] = []
  for (let number = slot.number - HISTORY_SLOTS; number <= slot.number; number += 1) {
    const isGone = entry.offer === 'out-of-stock' && number === slot.number
    series.push(slotMinutes({ ...slot, number }), isGone ? NO_OFFER : priceInSlot(entry, number))
    if (withShipping) series.push(isGone ? NO_OFFER : shippingOf(entry))
  }
  return series
}
