import { mayBeNews, type Observation } from './price-history.ts'

/** One product's prices in a batch. */
export interface ProductPrices<Observed extends Observation = Observation> {
  /** The distinct ones, in order. */
  readonly observations: readonly Observed[]
  /** The number of records that they came from. */
  readonly records: number
  /**
   * Those that may become the current price: plausible, not imported, and not older than an earlier one in the batch. The last
   * candidate becomes current, unless it is older than the current price.
   */
  readonly candidates: readonly Observation[]
}

/**
 * Groups a batch's observations by product; of equal ones only the first is kept. An observation at least as new as the
 * current price becomes the current price (equal times included, since two topics may see the same minute). Older ones,
 * imported ones, and those with an implausible time, are history only. Which are older than another in the batch is decided here,
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
      const candidates = mayBeNews(observation.timeFlag) ? [observation] : []
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
    if (mayBeNews(observation.timeFlag) && !isOlder) product.candidates.push(observation)
  }
  return [...products.values()]
}

interface Gathered<Observed> {
  readonly observations: Observed[]
  records: number
  readonly candidates: Observed[]
  /** The observations' distinctions, kept only if there are several. */
  seen?: Set<string>
}

/** The part of the history's key in which rows of one product and source differ. */
const distinction = ({ time, price }: Observation): string => `${time.text} ${price}`
