import { CSV, type CsvType } from '../../lambdas/core/keepa/csv-types.ts'
import type { CatalogueEntry } from './catalogue.ts'
import { draw } from './draw.ts'

/** What a series held from some time on, in Keepa minutes. */
export interface PastStep {
  readonly minutes: number
  /** Minor units; -1 where nothing was offered. */
  readonly value: number
}

const DAY_MINUTES = 24 * 60
/** How long the past is. */
export const PAST_MINUTES = 1_280 * DAY_MINUTES

/** A product's price changes about this often. */
const SHORTEST_STRETCH_DAYS = 3
const LONGEST_STRETCH_DAYS = 11

/** Shares of the stretches. */
const ALL_GONE = 0.04
const AMAZON_GONE = 0.06
const ON_SALE = 0.12

const SALE_LEAST = 0.08
const SALE_MOST = 0.35
/** Over the seasons the price moves by this share around the base price, and from stretch to stretch by that one. */
const SEASON = 0.09
const SEASON_DAYS = 410
const NOISE = 0.035
/** What others ask in a stretch in which Amazon has nothing to sell. */
const OTHERS_ASK = 1.15

/**
 * The years before `until`, whose prices change every few days, with seasons, sales and times without an offer. Like the
 * present it follows from the product's seed and the time alone, so two requests see the same past.
 */
export function pastSteps(entry: CatalogueEntry, type: CsvType, until: number): readonly PastStep[] {
  const { seed } = entry
  const days = SHORTEST_STRETCH_DAYS + draw(seed, 31) * (LONGEST_STRETCH_DAYS - SHORTEST_STRETCH_DAYS)
  const stretchMinutes = Math.round(days * DAY_MINUTES)
  const steps: PastStep[] = []
  const first = Math.ceil((until - PAST_MINUTES) / stretchMinutes)
  for (let stretch = first; ; stretch += 1) {
    const minutes = Math.floor((stretch + 0.8 * draw(seed, stretch, 32)) * stretchMinutes)
    if (minutes >= until) return steps
    const value = valueIn(entry, type, stretch, minutes)
    if (value !== steps.at(-1)?.value) steps.push({ minutes, value })
  }
}

function valueIn(entry: CatalogueEntry, type: CsvType, stretch: number, minutes: number): number {
  const { seed } = entry
  const drawn = draw(seed, stretch, 33)
  if (drawn < ALL_GONE) return -1
  const isAmazonGone = drawn < ALL_GONE + AMAZON_GONE
  if (isAmazonGone && type === CSV.amazon) return -1
  const isOnSale = !isAmazonGone && draw(seed, stretch, 34) < ON_SALE
  const season = SEASON * Math.sin((2 * Math.PI * minutes) / (SEASON_DAYS * DAY_MINUTES) + seed)
  const noise = NOISE * (2 * draw(seed, stretch, 35) - 1)
  const sale = isOnSale ? SALE_LEAST + (SALE_MOST - SALE_LEAST) * draw(seed, stretch, 36) : 0
  const price = entry.baseMinorUnits * (1 + season + noise) * (1 - sale) * (isAmazonGone ? OTHERS_ASK : 1)
  // Shops like prices that end in 9.
  return Math.max(1, Math.round(price / 10) * 10 - 1)
}
