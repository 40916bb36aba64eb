import type { Product } from '../../core/keepa/products.ts'

/**
 * Why Keepa has no price of a product and will have none: `watched_products.keepa_problem`. A product that is merely
 * sold out has none of these.
 */
export type KeepaProblem =
  /** The answer left the ASIN out: nobody sells it under that number, or Keepa does not know it. */
  | 'unanswered'
  /** Amazon shows another product in its place. */
  | 'redirected'
  /** Keepa's product types without a price: invalid or given up ASIN, hidden prices, e-book, parent of variations. */
  | 'invalid'
  | 'inaccessible'
  | 'e-book'
  | 'variation-parent'

const PRICELESS_TYPES: ReadonlyMap<number, KeepaProblem> = new Map([
  [2, 'e-book'],
  [3, 'inaccessible'],
  [4, 'invalid'],
  [5, 'variation-parent'],
])

/** What is wrong with a product that Keepa answered; null where nothing is. */
export const problemOf = ({ isRedirected, productType }: Product): KeepaProblem | null =>
  isRedirected ? 'redirected' : (PRICELESS_TYPES.get(productType) ?? null)
