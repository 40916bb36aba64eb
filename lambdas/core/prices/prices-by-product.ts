import type { Observation } from './price-history.ts'

/** What a batch has of one product. */
export interface ProductPrices<Observed extends Observation = Observation> {
  /** All that are distinct, in their order. */
  readonly observations: readonly Observed[]
  /** How many records these came with. */
  readonly records: number
  /**
   * Those that may become the current price: plausible, and none before them in the batch is later. The last of them
   * that is not older than the current price becomes it.
   */
  readonly candidates: readonly Observation[]
}

/**
 * Groups a batch's observations by product; of equal ones the first counts. An observation that is at least as new as
 * the current price becomes the current price (equal times are news: two topics may see the same minute). An older one
 * is history only, and so is one with an implausible time. Which ones are older than another of their batch shows here,
 * without the database.
 */
export function pricesByProduct<Observed extends Observation>(
  observations: readonly Observed[],
): readonly ProductPrices<Observed>[] {
  const products = new Map<string, Gathered<Observed>>()
  for (const observation of observations) {
    const key = `${observation.event.domain}/${observation.event.asin}`
    const product = products.get(key)
    if (!product) {
      const candidates = observation.timeFlag === 'implausible' ? [] : [observation]
      products.set(key, { observations: [observation], records: 1, candidates })
      continue
    }
    product.records += 1
    product.seen ??= new Set(product.observations.map(distinction))
    if (product.seen.has(distinction(observation))) continue
    product.seen.add(distinction(observation))
    product.observations.push(observation)
    const newest = product.candidates.at(-1)
    const isOlder = newest !== undefined && observation.time.micros < newest.time.micros
    if (observation.timeFlag !== 'implausible' && !isOlder) product.candidates.push(observation)
  }
  return [...products.values()]
}

interface Gathered<Observed> {
  readonly observations: Observed[]
  records: number
  readonly candidates: Observed[]
  /** The distinctions of its observations, where there are several. */
  seen?: Set<string>
}

/** What tells rows of one product and source apart in the history's key. */
const distinction = ({ time, price }: Observation): string => `${time.text} ${price}`
