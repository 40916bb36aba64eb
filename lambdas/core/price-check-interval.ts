/** Hours between two checks of every watched product: of the price check's schedule. */
export const PRICE_CHECK_HOURS = 6

/**
 * A price that was observed longer ago is late: two checks in a row have brought no newer one. Then the few lines of a chat
 * say when it was seen, as a mail always does.
 */
export const LATE_PRICE_HOURS = 2 * PRICE_CHECK_HOURS

/**
 * A price that was observed longer ago is not told. A pass that needs more tokens than Keepa adds takes longer than the
 * schedule's hours (docs/scaling.md), so the schedule says nothing about how old a product's newest price may be. What bounds
 * this is the longest that an alert is held after its price: a day until the next digest, and a day of quiet hours.
 */
export const STALE_PRICE_HOURS = 48
