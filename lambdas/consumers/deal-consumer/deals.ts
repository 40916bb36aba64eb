import type { ClientBase } from 'pg'
import type { DealUpdate } from '../../core/events/deal-update.ts'
import { arrayLiteral, textArrayLiteral } from '../../core/postgres/array-literal.ts'
import type { PriceRecord } from '../../core/prices/read-price.ts'

/*
 * Keeps the newest deal of each product by event time; of two at the same time, the first in the batch, as if each had
 * come alone. Sorted by key, so that two transactions with common deals cannot deadlock.
 */
const KEEP_NEWEST = `
insert into deals as known (
  asin, domain, title, current_price, original_price, discount_percent, rating, review_count, sales_rank, deal_at
)
select distinct on (asin, domain)
  asin, domain, title, current_price, original_price, discount_percent, rating, review_count, sales_rank, deal_at
from (
  select unnest($1::text[]) as asin, unnest($2::text[]) as domain, unnest($3::text[]) as title,
    unnest($4::numeric[]) as current_price, unnest($5::numeric[]) as original_price,
    unnest($6::numeric[]) as discount_percent, unnest($7::numeric[]) as rating, unnest($8::integer[]) as review_count,
    unnest($9::integer[]) as sales_rank, unnest($10::timestamptz[]) as deal_at,
    generate_subscripts($1::text[], 1) as position
) as deal
order by asin, domain, deal_at desc, position
on conflict (asin, domain) do update set
  title = excluded.title,
  current_price = excluded.current_price,
  original_price = excluded.original_price,
  discount_percent = excluded.discount_percent,
  rating = excluded.rating,
  review_count = excluded.review_count,
  sales_rank = excluded.sales_rank,
  deal_at = excluded.deal_at
where excluded.deal_at > known.deal_at
`

/** Keeps the newest deal of each ASIN and domain. A deal with an implausible time is history only. */
export async function keepNewestDeals(
  client: ClientBase,
  records: readonly PriceRecord<DealUpdate>[],
): Promise<void> {
  const deals = records.filter(({ timeFlag }) => timeFlag !== 'implausible')
  if (deals.length === 0) return
  await client.query(KEEP_NEWEST, [
    arrayLiteral(deals.map(({ event }) => event.asin)),
    arrayLiteral(deals.map(({ event }) => event.domain)),
    textArrayLiteral(deals.map(({ event }) => event.title)),
    arrayLiteral(deals.map(({ price }) => price)),
    arrayLiteral(deals.map(({ event }) => event.originalPrice)),
    arrayLiteral(deals.map(({ event }) => event.discountPercent)),
    arrayLiteral(deals.map(({ event }) => event.rating)),
    arrayLiteral(deals.map(({ event }) => event.reviewCount)),
    arrayLiteral(deals.map(({ event }) => event.salesRank)),
    arrayLiteral(deals.map(({ time }) => time.text)),
  ])
}
