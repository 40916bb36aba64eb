import type { Observation } from '../postgres/price-history.ts'
import type { ProductPrices } from '../postgres/store-prices.ts'

/**
 * Puts a batch's observations together by product; of two that are the same the first counts. An observation that is at
 * least as new as the current price becomes the current price, an older one is history only. (Equal times are news: two
 * topics may see the same minute.) So is one whose time is implausible. Which of a batch are older than one before them
 * shows without the database.
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
  /** What tells its observations apart, where there are several. */
  seen?: Set<string>
}

/** What tells rows of one product and source apart in the history's key. */
const distinction = ({ time, price }: Observation): string => `${time.text} ${price}`
