import type { Product } from '../keepa/products.ts'

/**
 * Why Keepa has no price for a product and will not have one: `watched_products.keepa_problem`. A product that is merely
 * sold out has no problem.
 */
export type KeepaProblem =
  /** The answer leaves the ASIN out: no product has it, or Keepa does not know it. */
  | 'unanswered'
  /** Amazon shows another product in its place. */
  | 'redirected'
  /** Keepa's product types without a price: invalid or abandoned ASIN, hidden prices, e-book, parent of variations. */
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

/** The problem of a product that Keepa answered, or null. */
export const problemOf = ({ isRedirected, productType }: Product): KeepaProblem | null =>
  isRedirected ? 'redirected' : (PRICELESS_TYPES.get(productType) ?? null)
