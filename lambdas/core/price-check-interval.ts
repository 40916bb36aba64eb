/** Hours between two checks of every watched product: of the price check's schedule. */
export const PRICE_CHECK_HOURS = 6

/** A price that was observed longer ago is stale: two checks in a row have brought no newer one. */
export const STALE_PRICE_HOURS = 2 * PRICE_CHECK_HOURS
