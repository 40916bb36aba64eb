/**
 * Whether `deal` passes `filter`, as SQL. `deal.words` is its title in lower case: made once a deal, not once a filter.
 * `position` takes the user's text literally, without wildcards.
 */
export const PASSES = `
(filter.domain is null or filter.domain = deal.domain)
  and (filter.min_discount is null or deal.discount_percent >= filter.min_discount)
  and (filter.max_price is null or deal.current_price <= filter.max_price)
  and (filter.min_rating is null or deal.rating >= filter.min_rating)
  and (filter.title_contains is null or position(lower(filter.title_contains) in deal.words) > 0)`

/** `deal` as a DealObservation, as SQL. Times are as the producer that collected the deal wrote them. */
export const OBSERVATION = `
jsonb_build_object(
  'asin', deal.asin, 'domain', deal.domain, 'title', deal.title,
  'currentPrice', deal.current_price::text, 'originalPrice', deal.original_price::text,
  'discountPercent', deal.discount_percent::double precision, 'rating', deal.rating::double precision,
  'reviewCount', deal.review_count, 'salesRank', deal.sales_rank,
  'timestamp', to_char(deal.deal_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
)`
