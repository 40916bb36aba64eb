import type { ClientBase } from 'pg'
import type { DealUpdate } from '../../core/events/deal-update.ts'
import { arrayLiteral, textArrayLiteral } from '../../core/postgres/array-literal.ts'
import type { PriceRecord } from '../../core/prices/read-price.ts'

/*
 * Keeps the newest deal of each product by event time; of two at the same time, the first in the batch, as if each had
 * come alone. Sorted by key, so that two transactions with common deals cannot deadlock.
 * A deal without a title keeps the one that is known. Where it has one from an earlier deal of the batch (the arrays from
 * $11 on, most often empty), that counts only if that deal, too, is newer than what is stored.
 */
const KEEP_NEWEST = `
insert into deals as known (
  asin, domain, title, current_price, original_price, discount_percent, rating, review_count, sales_rank, deal_at
)
select asin, domain, title, current_price, original_price, discount_percent, rating, review_count, sales_rank, deal_at
from (
  select unnest($1::text[]) as asin, unnest($2::text[]) as domain, unnest($3::text[]) as title,
    unnest($4::numeric[]) as current_price, unnest($5::numeric[]) as original_price,
    unnest($6::numeric[]) as discount_percent, unnest($7::numeric[]) as rating, unnest($8::integer[]) as review_count,
    unnest($9::integer[]) as sales_rank, unnest($10::timestamptz[]) as deal_at
) as deal
order by asin collate "C", domain collate "C"
on conflict (asin, domain) do update set
  title = case
    when excluded.title = '' or exists (
      select from unnest($11::text[], $12::text[], $13::timestamptz[]) as borrowed (asin, domain, titled_at)
      where borrowed.asin = excluded.asin and borrowed.domain = excluded.domain and borrowed.titled_at <= known.deal_at
    ) then known.title
    else excluded.title
  end,
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

/** The newest deal of a product in a batch. */
interface NewestDeal {
  readonly newest: Deal
  /** The last that has a title, of those that were the newest in their turn. */
  readonly titled: Deal | undefined
}

/** Keeps the newest deal of each ASIN and domain. A deal with an implausible time is history only. */
export async function keepNewestDeals(client: ClientBase, records: readonly Deal[]): Promise<void> {
  const kept = newestOf(records.filter(({ timeFlag }) => timeFlag !== 'implausible'))
  if (kept.length === 0) return
  const deals = kept.map(({ newest }) => newest)
  const borrowed = kept.flatMap(({ newest, titled }) => (titled && titled !== newest ? [titled] : []))
  await client.query(KEEP_NEWEST, [
    arrayLiteral(deals.map(({ event }) => event.asin)),
    arrayLiteral(deals.map(({ event }) => event.domain)),
    textArrayLiteral(kept.map(({ titled }) => titled?.event.title ?? '')),
    arrayLiteral(deals.map(({ price }) => price)),
    arrayLiteral(deals.map(({ event }) => event.originalPrice)),
    arrayLiteral(deals.map(({ event }) => event.discountPercent)),
    arrayLiteral(deals.map(({ event }) => event.rating)),
    arrayLiteral(deals.map(({ event }) => event.reviewCount)),
    arrayLiteral(deals.map(({ event }) => event.salesRank)),
    arrayLiteral(deals.map(({ time }) => time.text)),
    arrayLiteral(borrowed.map(({ event }) => event.asin)),
    arrayLiteral(borrowed.map(({ event }) => event.domain)),
    arrayLiteral(borrowed.map(({ time }) => time.text)),
  ])
}

function newestOf(deals: readonly Deal[]): readonly NewestDeal[] {
  const kept = new Map<string, NewestDeal>()
  for (const deal of deals) {
    const key = `${deal.event.domain}/${deal.event.asin}`
    const known = kept.get(key)
    if (known && deal.time.micros <= known.newest.time.micros) continue
    kept.set(key, { newest: deal, titled: deal.event.title === '' ? known?.titled : deal })
  }
  return [...kept.values()]
}
