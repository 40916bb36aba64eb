/** The most products in one request: Keepa's answer has years of their prices. */
export const MOST_PRODUCTS = 20

/** A product's tokens: one, and two more for the buy box. */
export const TOKENS = { on: 3, off: 1 } as const

/** The part of an hour's tokens that is added between two runs of the schedule, five minutes apart, and a tenth of that. */
const RUN_SHARE = 1 / 12 / 10

/**
 * How many tokens a scheduled run may spend further. While more than half of an hour's tokens is there, nobody else needs
 * them, and imports may use what is above the half. Below, a run uses no more than a tenth of what Keepa adds between two
 * runs. (A run's first product is asked for in any case: its answer says how many tokens there are.)
 */
export const affordable = (
  { tokensLeft, tokenCapacity }: { readonly tokensLeft: number; readonly tokenCapacity: number },
  spent: number,
): number => Math.max(tokensLeft - tokenCapacity / 2, tokenCapacity * RUN_SHARE - spent)
