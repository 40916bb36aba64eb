import { type Amount, hundredthsOf } from '../money.ts'
import type { Hit } from '../postgres/price-alerts.ts'
import type { Observation } from '../postgres/price-history.ts'
import type { ProductBefore, ProductPrices } from '../postgres/store-prices.ts'

/**
 * Puts a batch's observations together by product; of two that are the same the first counts. An observation that is at
 * least as new as the current price becomes the current price, an older one is history only. (Equal times are news: two
 * topics may see the same minute.) So is one whose time is implausible. Which of a batch are older than one before them
 * shows without the database.
 */
export function pricesByProduct(observations: readonly Observation[]): readonly ProductPrices[] {
  const products = new Map<string, Gathered>()
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

interface Gathered {
  readonly observations: Observation[]
  records: number
  readonly candidates: Observation[]
  /** What tells its observations apart, where there are several. */
  seen?: Set<string>
}

/** What tells rows of one product and source apart in the history's key. */
const distinction = ({ time, price }: Observation): string => `${time.text} ${price}`

/**
 * The news of products that may meet a target: each current price that the batch made, one after the other, where the
 * product's highest target is met. Each step depends on the product as the step before left it, so batches can be cut
 * anywhere.
 */
export function hitsOf(products: readonly ProductPrices[], near: readonly ProductBefore[]): readonly Hit[] {
  return near.flatMap(({ index, id, currentPrice, priceAtMicros, highestTarget }) => {
    let previousPrice = currentPrice
    const hits: Hit[] = []
    for (const observation of products[index]?.candidates ?? []) {
      if (priceAtMicros !== null && observation.time.micros < priceAtMicros) continue
      if (meets(observation.price, highestTarget)) hits.push({ productId: id, observation, previousPrice })
      previousPrice = observation.price
    }
    return hits
  })
}

/** The contract's threshold, `price <= target * 1.01`, in whole ten-thousandths. */
const meets = (price: Amount, target: Amount): boolean =>
  hundredthsOf(price) * 100 <= hundredthsOf(target) * 101
