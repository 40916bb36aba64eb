import type { CatalogueEntry } from './catalogue.ts'
import { draw } from './draw.ts'

/** A sale, where there is one, lasts this many slots; whether there is one is drawn anew for each stretch. */
const SALE_SLOTS = 5
const SALE_CHANCE = 0.2
const SALE_LEAST = 0.1
const SALE_MOST = 0.4

/** Outside sales the price moves by up to this share around the base price. */
const DRIFT = 0.03

/**
 * What a product costs in a slot of time, in minor units. It follows from the product's seed and the slot alone, so
 * any two readers see the same market. The arithmetic is in floats: here prices are invented, not kept.
 */
export function priceInSlot(entry: CatalogueEntry, slot: number): number {
  const stretch = stretchOf(entry, slot)
  const share =
    draw(entry.seed, stretch, 1) < SALE_CHANCE
      ? 1 - SALE_LEAST - (SALE_MOST - SALE_LEAST) * draw(entry.seed, stretch, 2)
      : 1 + DRIFT * (2 * draw(entry.seed, slot, 3) - 1)
  return Math.max(1, Math.round(entry.baseMinorUnits * share))
}

/** The slot in which the price's present stretch began: when a deal was found. */
export const stretchStart = (entry: CatalogueEntry, slot: number): number =>
  stretchOf(entry, slot) * SALE_SLOTS - (entry.seed % SALE_SLOTS)

/** Stretches begin at other times for other products, so that the market does not move all at once. */
const stretchOf = (entry: CatalogueEntry, slot: number): number =>
  Math.floor((slot + (entry.seed % SALE_SLOTS)) / SALE_SLOTS)

/** What sending costs with a buy box offer, in minor units; free from 49.00 on. */
export const shippingOf = (entry: CatalogueEntry): number => (entry.baseMinorUnits >= 49_00 ? 0 : 3_99)
