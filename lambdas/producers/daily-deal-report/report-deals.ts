import type { Pool } from 'pg'
import type { DealObservation } from '../../core/events/deal-update.ts'
import { byWorth } from './worth.ts'

/** One user's deals. */
export interface UserDeals {
  readonly userId: string
  readonly deals: readonly DealObservation[]
}

/** What a run reports. */
export interface ReportedDeals {
  /** For each user, the current deals that this user was not sent at this price, the most valuable first. */
  readonly reports: readonly UserDeals[]
  /** All deals of the last 24 hours that pass a filter, each once. */
  readonly ofLastDay: readonly DealObservation[]
}

/*
 * Looks back to a day before the last whole run, and to 24 hours at least, so that no deal falls between two runs, however
 * late one is or if days are missed; the deals that a message told tell those apart that a user has had. Current: no other
 * price was seen since, and the product is still offered.
 * `position` takes the user's text literally, without wildcards. Times are as the producer that collected the deal wrote them.
 */
const SELECT = `
select distinct on (filter.user_id, deal.domain, deal.asin)
  filter.user_id as "userId",
  deal.deal_at > now() - interval '24 hours' as "isOfLastDay",
  coalesce(product.current_price, deal.current_price) = deal.current_price
    and product.unavailable_since is null
    and not exists (
      select from reported_deals as reported
      join messages as message on message.id = reported.message_id
      where reported.user_id = filter.user_id and reported.domain = deal.domain and reported.asin = deal.asin
        and reported.price = deal.current_price and message.status in ('PENDING', 'SENT')
    ) as "isToReport",
  json_build_object(
    'asin', deal.asin, 'domain', deal.domain, 'title', deal.title,
    'currentPrice', deal.current_price::text, 'originalPrice', deal.original_price::text,
    'discountPercent', deal.discount_percent::double precision, 'rating', deal.rating::double precision,
    'reviewCount', deal.review_count, 'salesRank', deal.sales_rank,
    'timestamp', to_char(deal.deal_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
  ) as deal
from deal_filters as filter
join deals as deal on (filter.domain is null or filter.domain = deal.domain)
  and (filter.min_discount is null or deal.discount_percent >= filter.min_discount)
  and (filter.max_price is null or deal.current_price <= filter.max_price)
  and (filter.min_rating is null or deal.rating >= filter.min_rating)
  and (filter.title_contains is null or position(lower(filter.title_contains) in lower(deal.title)) > 0)
left join watched_products as product on product.domain = deal.domain and product.asin = deal.asin
where deal.deal_at > greatest(
  now() - interval '7 days',
  least(now(), (select finished_at from producer_runs where producer = 'daily-deal-report')) - interval '24 hours'
)
order by filter.user_id, deal.domain, deal.asin
`

interface Row {
  readonly userId: string
  readonly isOfLastDay: boolean
  readonly isToReport: boolean
  readonly deal: DealObservation
}

/** The deals that pass a filter, sorted into what is reported and what is sent again. */
export async function readDeals(pool: Pool): Promise<ReportedDeals> {
  const { rows } = await pool.query<Row>(SELECT)
  const ofLastDay = rows.filter(({ isOfLastDay }) => isOfLastDay)
  const users = Map.groupBy(
    rows.filter(({ isToReport }) => isToReport),
    ({ userId }) => userId,
  )
  return {
    reports: [...users].map(([userId, deals]) => ({
      userId,
      deals: deals.map(({ deal }) => deal).toSorted(byWorth),
    })),
    ofLastDay: [...new Map(ofLastDay.map(({ deal }) => [`${deal.domain}/${deal.asin}`, deal])).values()],
  }
}

/*
 * One report a user and local day, written whole: a second run on that day replaces it, unless it was told. What is new
 * since is then in the next day's.
 */
const SAVE = `
insert into deal_reports (user_id, report_date, deals)
select report.user_id, (now() at time zone users.time_zone)::date, report.deals
from unnest($1::bigint[], $2::jsonb[]) as report (user_id, deals)
join users on users.id = report.user_id
on conflict (user_id, report_date) do update set deals = excluded.deals
where deal_reports.deals <> excluded.deals and deal_reports.message_id is null
`

/** Saves each user's report for today in the user's time zone. */
export async function saveReports(pool: Pool, reports: readonly UserDeals[]): Promise<void> {
  await pool.query(SAVE, [
    reports.map(({ userId }) => userId),
    reports.map(({ deals }) => JSON.stringify(deals)),
  ])
}
