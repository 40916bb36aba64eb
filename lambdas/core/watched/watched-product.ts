import type { Amount } from '../money.ts'
import type { ProductKey } from '../prices/watched-products.ts'
import type { KeepaProblem } from './keepa-problem.ts'

/** A product to ask the price of. */
export interface WatchedProduct extends ProductKey {
  readonly id: string
  readonly title: string
  readonly currency: string
  /** The last known price. */
  readonly currentPrice: Amount | null
  /** The highest target of its active watches. */
  readonly targetPrice: Amount | null
  readonly asksBuyBox: boolean
  readonly problem: KeepaProblem | null
  readonly redirectedTo: string | null
  /** Whether it was told that nothing is offered. */
  readonly isUnavailable: boolean
}

/** The columns of one, from the table `watched_products`. */
export const WATCHED_PRODUCT = `id, asin, domain, title, currency, current_price as "currentPrice",
  highest_target as "targetPrice", asks_buy_box as "asksBuyBox", keepa_problem as problem,
  redirected_to as "redirectedTo", unavailable_since is not null as "isUnavailable"`
