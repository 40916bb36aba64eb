/** Why an alert is not told: what it would say is not so any more. */
export type Superseded =
  | 'the watch is not active'
  | 'the watch has no target'
  | 'the product is not offered'
  | 'the price is above the target'

/** Why an alert is not told yet: it waits. */
export type Waits = 'the watch is snoozed' | 'the price is stale'

/*
 * As SQL, of `watch` and its `product`. `staleMs` is the parameter of the age at which a price is stale. Gathering and
 * sending ask the same, so that what sending lets go is not gathered again at once.
 */

/** A reason of `Superseded`, or null. */
export const WHY_SUPERSEDED = `case
    when watch.status <> 'ACTIVE' then 'the watch is not active'
    when coalesce(watch.target_price, 0) = 0 then 'the watch has no target'
    when product.unavailable_since is not null then 'the product is not offered'
    when product.current_price <= watch.target_price * 1.01 then null
    else 'the price is above the target'
  end`

/** Whether the watch is snoozed, and its price is none that its user wants to hear of even so. */
export const IS_SNOOZED = `coalesce(
    watch.snoozed_until > now() and not (watch.snooze_lets_target_through and product.current_price <= watch.target_price),
    false)`

/**
 * Whether the price was observed so long ago that nobody can say that it is still so. Its alert is not lost: the next price
 * decides.
 */
export const isStale = (staleMs: string): string =>
  `coalesce(product.price_at < now() - ${staleMs}::double precision * interval '1 millisecond', false)`

/** A reason of `Waits`, or null. */
export const whyWaits = (staleMs: string): string => `case
    when ${IS_SNOOZED} then 'the watch is snoozed'
    when ${isStale(staleMs)} then 'the price is stale'
  end`
