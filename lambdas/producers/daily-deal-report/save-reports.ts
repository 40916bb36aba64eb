import type { Pool } from 'pg'
import { OBSERVATION, PASSES } from './filtered-deals.ts'

/**
 * Deals that a report keeps. A message tells 50 (lambdas/notifier/gather-reports.ts), and what it leaves out is in the next
 * report while it is current: the others are for whoever looks at the report.
 */
const MOST_DEALS = 100

/** Users whose reports one statement makes. */
const PAGE = 20

/** A rating counts as much as its reviews outweigh this many of so many stars: one enthusiast proves little. */
const DOUBTING_REVIEWS = 20
const DOUBTING_STARS = 3.5

/*
 * Postgres ranks and keeps the deals: a filter that lets all pass, for each of some dozens of users, would be more than a
 * function has memory for.
 *
 * Looks back to a day before the last whole run, and to 24 hours at least, so that no deal falls between two runs, however
 * late one is or if days are missed; the deals that a message told tell those apart that a user has had. Current: no other
 * price was seen since, and the product is still offered.
 *
 * A deal is worth more by the larger discount in whole percent, then by the better rating by more reviews. An unknown
 * discount is none, and an unknown rating is a middling one.
 *
 * One report a user and local day, written whole: a second run on that day replaces it, unless it was told. What is new
 * since is then in the next day's.
 */
const SAVE = `
with person as materialized (
  select id, (now() at time zone time_zone)::date as today
  from users
  where id > $1 and exists (select from deal_filters as filter where filter.user_id = users.id)
  order by id limit ${PAGE}
),
current as materialized (
  select deal.*, lower(deal.title) as words, row_number() over (
      order by floor(coalesce(deal.discount_percent, 0) + 0.5) desc,
        (${DOUBTING_STARS} * ${DOUBTING_REVIEWS} + coalesce(deal.rating::double precision, 0) * reviews.counted)
          / (${DOUBTING_REVIEWS} + reviews.counted) desc,
        deal.domain, deal.asin
    ) as place
  from deals as deal
  cross join lateral (
    select case when deal.rating is null then 0 else greatest(coalesce(deal.review_count, 0), 0) end as counted
  ) as reviews
  left join watched_products as product on product.domain = deal.domain and product.asin = deal.asin
  where deal.deal_at > greatest(
      now() - interval '7 days',
      least(now(), (select finished_at from producer_runs where producer = 'daily-deal-report')) - interval '24 hours'
    )
    and coalesce(product.current_price, deal.current_price) = deal.current_price
    and product.unavailable_since is null
),
report as materialized (
  select person.id, person.today, kept.deals
  from person
  cross join lateral (
    select jsonb_agg(${OBSERVATION} order by deal.place) as deals
    from (
      select deal.*
      from current as deal
      where exists (select from deal_filters as filter where filter.user_id = person.id and ${PASSES})
        and not exists (
          select from reported_deals as reported
          join messages as message on message.id = reported.message_id
          where reported.user_id = person.id and reported.domain = deal.domain and reported.asin = deal.asin
            and reported.price = deal.current_price and message.status in ('PENDING', 'SENT')
        )
      order by deal.place limit ${MOST_DEALS}
    ) as deal
  ) as kept
  where kept.deals is not null
),
saved as (
  insert into deal_reports (user_id, report_date, deals)
  select id, today, deals from report
  on conflict (user_id, report_date) do update set deals = excluded.deals
  where deal_reports.deals <> excluded.deals and deal_reports.message_id is null
)
select (select max(id) from person) as last, (select count(*)::integer from report) as reports
`

/**
 * Saves for each user with filters the current deals that the user was not sent at this price, the most valuable first, as
 * the report of today in the user's time zone. Users without such a deal get none.
 * @returns how many users have a report
 */
export async function saveReports(pool: Pool): Promise<number> {
  let reports = 0
  for (let after = '0'; ; ) {
    const { rows } = await pool.query<{ last: string | null; reports: number }>(SAVE, [after])
    const last = rows[0]?.last ?? null
    if (last === null) return reports
    reports += rows[0]?.reports ?? 0
    after = last
  }
}
