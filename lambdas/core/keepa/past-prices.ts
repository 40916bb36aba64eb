import type { Marketplace } from '../marketplaces.ts'
import type { CsvType } from './csv-types.ts'
import type { JsonObject } from './json.ts'
import { decimalOf, firstOffer, isPriced, PRICE_PRIORITY } from './prices.ts'
import { type Reading, type SeriesStep, stepsOf } from './series.ts'
import { isoOfKeepaMinutes } from './time.ts'

/** What a product cost from some time on, until the next of these. */
export interface PastPrice {
  /** ISO 8601 in UTC. */
  readonly observedAt: string
  /** An exact decimal; null: nothing was offered. */
  readonly price: string | null
}

/** The part of the past to read, in Keepa minutes. */
export interface PastRange {
  /** What was so at this time is included, with the time from which on it was so. */
  readonly from: number
  /** Not included. */
  readonly until: number
}

/**
 * A product's past, oldest first: its price whenever it changed, by the same priority of offers as the current price, and
 * the times from which on nothing was offered. Empty if Keepa has none.
 * @returns `unreadable` if one of the series is malformed: then no price is known for certain
 */
export function pastPrices(
  product: JsonObject,
  marketplace: Marketplace,
  { from, until }: PastRange,
): readonly PastPrice[] | 'unreadable' {
  if (!isPriced(product)) return []
  const readers = new Map<CsvType, SeriesReader>()
  const times = new Set<number>()
  for (const [, type] of PRICE_PRIORITY) {
    const steps = stepsOf(product, type) ?? []
    if (steps === 'unreadable') return steps
    readers.set(type, readerOf(steps))
    for (const { minutes } of steps) if (minutes < until) times.add(minutes)
  }
  let past: PastPrice[] = []
  for (const minutes of [...times].sort((one, other) => one - other)) {
    const offer = firstOffer((type) => readers.get(type)?.(minutes) ?? 'none')
    if (offer === 'unknown' || offer === 'unreadable') continue
    const price = offer === 'none' ? null : (decimalOf(offer.minorUnits, marketplace) ?? null)
    const observedAt = isoOfKeepaMinutes(minutes)
    const before = past.at(-1)
    // Before the first price there is nothing to miss.
    if (observedAt === undefined || price === (before?.price ?? null)) continue
    if (minutes <= from) past = [{ observedAt, price }]
    else past.push({ observedAt, price })
  }
  return past[0]?.price === null ? past.slice(1) : past
}

/** Gives a series' reading at times that only grow; before its first, nothing was offered. */
type SeriesReader = (minutes: number) => Reading

function readerOf(steps: readonly SeriesStep[]): SeriesReader {
  let next = 0
  let reading: Reading = 'none'
  return (minutes) => {
    for (let step = steps[next]; step && step.minutes <= minutes; step = steps[++next]) reading = step.reading
    return reading
  }
}
