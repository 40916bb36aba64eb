import type { Pool } from 'pg'
import type { DealObservation } from '../../core/events/deal-update.ts'

/** One user's deals of a day. */
export interface UserDeals {
  readonly userId: string
  readonly deals: readonly DealObservation[]
}

// `position` takes the user's text literally, without wildcards. Times are as the producer that collected the deal wrote them.
const SELECT = `
select distinct on (filter.user_id, deal.domain, deal.asin)
  filter.user_id as "userId", deal.asin, deal.domain, deal.title,
  deal.current_price as "currentPrice", deal.original_price as "originalPrice",
  deal.discount_percent::double precision as "discountPercent", deal.rating::double precision as rating,
  deal.review_count as "reviewCount", deal.sales_rank as "salesRank",
  to_char(deal.deal_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as timestamp
from deal_filters as filter
join deals as deal on (filter.domain is null or filter.domain = deal.domain)
  and (filter.min_discount is null or deal.discount_percent >= filter.min_discount)
  and (filter.max_price is null or deal.current_price <= filter.max_price)
  and (filter.min_rating is null or deal.rating >= filter.min_rating)
  and (filter.title_contains is null or position(lower(filter.title_contains) in lower(deal.title)) > 0)
where deal.deal_at > now() - interval '24 hours'
order by filter.user_id, deal.domain, deal.asin
`

type Row = DealObservation & { readonly userId: string }

/** For each user, the deals of the last 24 hours that pass one of the user's filters. */
export async function dealsByUser(pool: Pool): Promise<readonly UserDeals[]> {
  const { rows } = await pool.query<Row>(SELECT)
  const users = Map.groupBy(rows, ({ userId }) => userId)
  return [...users].map(([userId, deals]) => ({ userId, deals: deals.map(({ userId: _, ...deal }) => deal) }))
}

// One report per user and day, written whole; a second run on the same day replaces it.
const SAVE = `
insert into deal_reports (user_id, report_date, deals)
select report.user_id, (now() at time zone $3)::date, report.deals
from unnest($1::bigint[], $2::jsonb[]) as report (user_id, deals)
on conflict (user_id, report_date) do update set deals = excluded.deals
where deal_reports.deals <> excluded.deals
`

/** Saves each user's report for today in `timeZone`. */
export async function saveReports(
  pool: Pool,
  reports: readonly UserDeals[],
  timeZone: string,
): Promise<void> {
  await pool.query(SAVE, [
    reports.map(({ userId }) => userId),
    reports.map(({ deals }) => JSON.stringify(deals)),
    timeZone,
  ])
}
