import { type Amount, hundredthsOf } from '../money.ts'
import type { Hit } from '../postgres/price-alerts.ts'
import type { Observation } from '../postgres/price-history.ts'
import type { LockedProduct, PriceChange } from '../postgres/watched-products.ts'

/** An observation of a product that this transaction has locked. */
export interface ProductObservation extends Observation {
  readonly product: LockedProduct
  readonly title: string
}

/** What follows from new observations. */
export interface News {
  /** At most one for each product. */
  readonly changes: readonly PriceChange[]
  readonly hits: readonly Hit[]
}

/**
 * Reads new observations in their order and says which are news: an observation that is at least as new as the current
 * price becomes the current price, an older one is history only. (Equal times are news: two topics may see the same
 * minute.) So is one whose time is implausible. Each step depends on the product as the step before left it, so
 * batches can be cut anywhere.
 */
export function newsOf(fresh: readonly ProductObservation[]): News {
  const states = new Map<number, PriceChange & { readonly priceAtMicros: number }>()
  const hits: Hit[] = []
  for (const observation of fresh) {
    const { product, price, time, timeFlag, title } = observation
    if (timeFlag === 'implausible') continue
    const state = states.get(product.id)
    const newest = state?.priceAtMicros ?? product.priceAtMicros
    if (newest !== null && time.micros < newest) continue
    const previousPrice = state?.price ?? product.currentPrice
    states.set(product.id, {
      id: product.id,
      price,
      previousPrice,
      priceAt: time.text,
      priceAtMicros: time.micros,
      title: title || (state?.title ?? null),
    })
    if (meets(price, product.highestTarget)) hits.push({ observation, previousPrice })
  }
  return { changes: [...states.values()], hits }
}

/** The contract's threshold, `price <= target * 1.01`, in whole ten-thousandths. */
const meets = (price: Amount, target: Amount | null): boolean =>
  target !== null && hundredthsOf(price) * 100 <= hundredthsOf(target) * 101
