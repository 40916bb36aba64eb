import { asNumber, asObject, type JsonObject } from '../../lambdas/core/keepa/json.ts'
import type { Catalogue, CatalogueEntry } from './catalogue.ts'
import { stretchStart } from './prices.ts'
import { currentValues, meanValues, type Slot, slotMinutes } from './product-answer.ts'

/** What a deal request asks for. Prices are in minor units, ratings 0 to 50, -1 for any. */
export interface Selection {
  readonly page: number
  readonly domainId: number
  readonly priceType: number
  readonly deltaPercentRange: readonly [number, number]
  readonly currentRange: readonly [number, number]
  readonly titleWords: readonly string[]
  readonly minRating: number
  readonly sortType: number
}

const DEALS_PER_PAGE = 150

/** Keepa knows no smaller deals. */
const LEAST_DELTA_PERCENT = 10

/** A deal's averages are by interval (day, week, month, 90 days) first, then by series. */
const INTERVALS = 4

/** The selection in a request's JSON; a text that says what is wrong with it where something is. */
export function selectionOf(asked: unknown): Selection | string {
  const { page, domainId, priceTypes, minRating, sortType, titleSearch, ...rest } = asObject(asked) ?? {}
  const priceType: unknown = Array.isArray(priceTypes) && priceTypes.length === 1 ? priceTypes[0] : undefined
  if (!isWhole(page)) return 'page'
  if (!isWhole(domainId)) return 'domainId'
  if (!isWhole(priceType)) return 'priceTypes'
  const { isRangeEnabled, isFilterEnabled, deltaPercentRange, currentRange } = rest
  const deltas = rangeOf(isRangeEnabled ? deltaPercentRange : undefined)
  if (!deltas) return 'deltaPercentRange'
  const prices = rangeOf(isRangeEnabled ? currentRange : undefined)
  if (!prices) return 'currentRange'
  return {
    page,
    domainId,
    priceType,
    deltaPercentRange: [Math.max(LEAST_DELTA_PERCENT, deltas[0]), deltas[1]],
    currentRange: prices,
    titleWords:
      isFilterEnabled && typeof titleSearch === 'string' ? titleSearch.toLowerCase().split(' ') : [],
    minRating: (isFilterEnabled ? asNumber(minRating) : undefined) ?? -1,
    sortType: asNumber(sortType) ?? NEWEST_FIRST,
  }
}

/** Answers one page of the deals that there are in a slot: products that cost less than their mean. */
export type DealSearch = (selection: Selection, slot: Slot) => JsonObject

/** A search that keeps what it found for the further pages of the same selection, as Keepa does. */
export function createDealSearch(catalogue: Catalogue): DealSearch {
  const kept = new Map<string, readonly FoundDeal[]>()
  let keptSlot: number | undefined
  return (selection, slot) => {
    if (keptSlot !== slot.number) kept.clear()
    keptSlot = slot.number
    const key = JSON.stringify({ ...selection, page: 0 })
    const found = kept.get(key) ?? findDeals(catalogue, selection, slot)
    kept.set(key, found)
    const dr = found.slice(selection.page * DEALS_PER_PAGE, (selection.page + 1) * DEALS_PER_PAGE)
    return {
      dr: dr.map((deal) => dealEntry(deal, slot)),
      drDateIndex: [],
      categoryIds: [],
      categoryNames: [],
    }
  }
}

function findDeals(catalogue: Catalogue, selection: Selection, slot: Slot): FoundDeal[] {
  const { domainId, priceType, deltaPercentRange, currentRange, titleWords, minRating, sortType } = selection
  const order = ORDERS[Math.abs(sortType)] ?? byAge
  return catalogue.entries
    .filter(({ marketplace, rating }) => marketplace.keepaDomainId === domainId && rating >= minRating)
    .map((entry) => ({ entry, ...dropOf(entry, slot, priceType) }))
    .filter(({ percent }) => isWithin(percent, deltaPercentRange))
    .filter(({ price }) => isWithin(price, currentRange))
    .filter(({ entry }) => titleWords.every((word) => entry.title.toLowerCase().includes(word)))
    .map((drop) => ({ ...drop, foundAt: foundMinutes(drop.entry, slot) }))
    .sort((one, other) => Math.sign(sortType) * order(one, other))
}

interface Drop {
  readonly price: number
  /** Mean minus price, in minor units and in whole percent of the mean. */
  readonly delta: number
  readonly percent: number
}

interface FoundDeal extends Drop {
  readonly entry: CatalogueEntry
  /** Keepa minutes. */
  readonly foundAt: number
}

type Order = (one: FoundDeal, other: FoundDeal) => number

const NEWEST_FIRST = 1
const byAge: Order = (one, other) => other.foundAt - one.foundAt
const ORDERS: Readonly<Record<number, Order>> = {
  [NEWEST_FIRST]: byAge,
  2: (one, other) => other.delta - one.delta,
  3: (one, other) => one.entry.salesRank - other.entry.salesRank,
  4: (one, other) => other.percent - one.percent,
}

function dropOf(entry: CatalogueEntry, slot: Slot, priceType: number): Drop {
  const price = currentValues(entry, slot, { rating: false, buyBox: false })[priceType] ?? -1
  const mean = meanValues(entry, { buyBox: false })[priceType] ?? -1
  if (price <= 0 || mean <= 0) return { price: 0, delta: 0, percent: 0 }
  return { price, delta: mean - price, percent: Math.round(((mean - price) * 100) / mean) }
}

const foundMinutes = (entry: CatalogueEntry, slot: Slot): number =>
  slotMinutes({ ...slot, number: stretchStart(entry, slot.number) })

function dealEntry({ entry, foundAt }: FoundDeal, slot: Slot): object {
  const current = currentValues(entry, slot, { rating: true, buyBox: false })
  const mean = meanValues(entry, { buyBox: false })
  const deltas = mean.map((value, type) => dropBetween(value, current[type] ?? -1))
  const percents = mean.map((value, type) => Math.round((100 * (deltas[type] ?? 0)) / Math.max(1, value)))
  const byInterval = <T>(row: T): T[] => new Array<T>(INTERVALS).fill(row)
  return {
    asin: entry.asin,
    title: entry.title,
    current,
    avg: byInterval(mean),
    delta: byInterval(deltas),
    deltaPercent: byInterval(percents),
    deltaLast: deltas,
    rootCat: 0,
    categories: [],
    creationDate: foundAt,
    lastUpdate: slotMinutes(slot),
    lightningEnd: 0,
    minRating: entry.rating,
    warehouseCondition: 0,
    warehouseConditionComment: null,
  }
}

/** 0 is Keepa's "did not change or could not be calculated". */
const dropBetween = (mean: number, current: number): number => (mean > 0 && current > 0 ? mean - current : 0)

const isWhole = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0

const isWithin = (value: number, [least, most]: readonly [number, number]): boolean =>
  value >= least && value <= most

function rangeOf(value: unknown): readonly [number, number] | undefined {
  if (value === undefined || value === null) return [0, Number.MAX_SAFE_INTEGER]
  const [least, most]: unknown[] = Array.isArray(value) && value.length === 2 ? value : []
  return isWhole(least) && isWhole(most) && least <= most ? [least, most] : undefined
}
