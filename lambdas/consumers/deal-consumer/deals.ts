import type { ClientBase } from 'pg'
import type { DealUpdate } from '../../core/events/deal-update.ts'
import { arrayLiteral, textArrayLiteral } from '../../core/postgres/array-literal.ts'
import { allAnswered } from '../../core/postgres/transaction.ts'
import type { PriceRecord } from '../../core/prices/read-price.ts'

/*
 * Keeps the newest deal of each product by event time; one without a title keeps the title that is known. Sorted by key, so
 * that two transactions with common deals cannot deadlock.
 */
const KEEP_NEWEST = `
insert into deals as known (
  asin, domain, title, current_price, original_price, discount_percent, rating, review_count, sales_rank, deal_at
)
select *
from (
  select unnest($1::text[]) as asin, unnest($2::text[]) as domain, unnest($3::text[]), unnest($4::numeric[]),
    unnest($5::numeric[]), unnest($6::numeric[]), unnest($7::numeric[]), unnest($8::integer[]), unnest($9::integer[]),
    unnest($10::timestamptz[])
) as deal
order by asin, domain
on conflict (asin, domain) do update set
  title = coalesce(nullif(excluded.title, ''), known.title),
  current_price = excluded.current_price,
  original_price = excluded.original_price,
  discount_percent = excluded.discount_percent,
  rating = excluded.rating,
  review_count = excluded.review_count,
  sales_rank = excluded.sales_rank,
  deal_at = excluded.deal_at
where excluded.deal_at > known.deal_at
`

type Deal = PriceRecord<DealUpdate>

/**
 * Keeps the newest deal of each ASIN and domain; of two at the same time, the first in the batch, as if each had come alone.
 * A deal with an implausible time is history only. Where a product's newest has no title, an earlier one that has is stored
 * before it, by a statement that most batches do not need.
 */
export async function keepNewestDeals(client: ClientBase, records: readonly Deal[]): Promise<void> {
  const newest = new Map<string, Deal>()
  const titled = new Map<string, Deal>()
  for (const deal of records) {
    const { event, time, timeFlag } = deal
    const key = `${event.domain}/${event.asin}`
    if (timeFlag === 'implausible' || time.micros <= (newest.get(key)?.time.micros ?? -Infinity)) continue
    newest.set(key, deal)
    if (event.title !== '') titled.set(key, deal)
  }
  const earlier = [...titled].flatMap(([key, deal]) => (deal === newest.get(key) ? [] : [deal]))
  const statements = [earlier, [...newest.values()]].filter(({ length }) => length > 0)
  await allAnswered(statements.map((deals) => keep(client, deals)))
}

const keep = (client: ClientBase, deals: readonly Deal[]) =>
  client.query(KEEP_NEWEST, [
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
