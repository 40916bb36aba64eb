import type { Pool } from 'pg'
import type { DealObservation } from '../core/events/deal-update.ts'
import type { DealFacts, HistoryFacts, ReportMessage } from '../core/mail/message.ts'
import { marketplaceOf } from '../core/marketplaces.ts'
import { inTransaction } from '../core/postgres/in-transaction.ts'
import { readHistories } from './history-facts.ts'
import { isQuiet } from './quiet-hours.ts'

/** Mail programs cut longer mails off. What is left out was not sent, so the next report has it while it is current. */
const MOST_DEALS = 50

/** Reports that are in memory at once. */
const PAGE = 20

interface Report {
  readonly id: string
  readonly userId: string
  /** The user's local day, `2026-02-20`. */
  readonly day: string
  /** The most valuable first, as the daily deal report has sorted them; null if all were told meanwhile. */
  readonly deals: readonly (DealObservation & { readonly productId: string | null })[] | null
}

/*
 * A user's newest report, if nothing has told it. Older ones that nobody has gathered stay untold: what is still current of
 * them is in the newest too. Told within two days or not at all, because deals do not keep.
 */
const WAITING = `
select report.id, person.id as "userId", to_char(report.report_date, 'YYYY-MM-DD') as day, (
    select json_agg(deal.facts || jsonb_build_object('productId', product.id::text) order by deal.place)
    from jsonb_array_elements(report.deals) with ordinality as deal (facts, place)
    left join watched_products as product
      on product.domain = deal.facts ->> 'domain' and product.asin = deal.facts ->> 'asin'
    where deal.place <= ${MOST_DEALS}
      and not exists (
        select from reported_deals as reported
        join messages as message on message.id = reported.message_id and message.status in ('PENDING', 'SENT')
        where reported.user_id = report.user_id and reported.domain = deal.facts ->> 'domain'
          and reported.asin = deal.facts ->> 'asin' and reported.price = (deal.facts ->> 'currentPrice')::numeric
      )
  ) as deals
from deal_reports as report
join users as person on person.id = report.user_id
where report.message_id is null and report.created_at > now() - interval '2 days'
  and report.created_at > coalesce(person.notify_from, '-infinity') and report.user_id > $1
  and not exists (
    select from deal_reports as newer where newer.user_id = report.user_id and newer.report_date > report.report_date
  )
  and not exists (select from left_kinds where user_id = person.id and kind = 'report')
  and not ${isQuiet('(now() at time zone person.time_zone)::time')}
order by report.user_id
limit ${PAGE}
`

/** Puts the deals of each user's report into a message. Returns how many messages. */
export async function gatherReports(pool: Pool): Promise<number> {
  let gathered = 0
  for (let after = '0'; ; ) {
    const { rows: reports } = await pool.query<Report>(WAITING, [after])
    const last = reports.at(-1)
    if (!last) return gathered
    after = last.userId
    const products = reports.flatMap(({ deals }) => (deals ?? []).flatMap(({ productId }) => productId ?? []))
    const histories = await readHistories(pool, products)
    for (const report of reports) if (await save(pool, report, histories)) gathered += 1
  }
}

// Whoever holds the report's row makes its message; another run finds it made, or skips it.
const HOLD = 'select from deal_reports where id = $1 and message_id is null for update skip locked'

const SAVE = `
with made as (
  insert into messages (user_id, kind, local_day, content) values ($1, 'report', $2::date, $3::jsonb) returning id
),
marked as (
  update deal_reports set message_id = made.id from made where deal_reports.id = $4
)
insert into reported_deals (message_id, user_id, asin, domain, price)
select made.id, $1, deal.asin, deal.domain, deal.price
from made cross join unnest($5::text[], $6::text[], $7::numeric[]) as deal (asin, domain, price)
`

const save = (
  pool: Pool,
  { id, userId, day, deals }: Report,
  histories: ReadonlyMap<string, HistoryFacts>,
): Promise<boolean> =>
  inTransaction(pool, async (client) => {
    const { rowCount } = await client.query(HOLD, [id])
    if (rowCount === 0 || !deals) return false
    const points = (productId: string | null) => histories.get(productId ?? '')?.points ?? []
    const content: ReportMessage = {
      kind: 'report',
      day,
      deals: deals.map(({ productId, ...deal }) => factsOf(deal, points(productId))),
    }
    await client.query(SAVE, [
      userId,
      day,
      JSON.stringify(content),
      id,
      deals.map(({ asin }) => asin),
      deals.map(({ domain }) => domain),
      deals.map(({ currentPrice }) => currentPrice),
    ])
    return true
  })

function factsOf(deal: DealObservation, points: HistoryFacts['points']): DealFacts {
  const {
    asin,
    domain,
    title,
    currentPrice,
    originalPrice,
    discountPercent,
    rating,
    reviewCount,
    timestamp,
  } = deal
  return {
    product: { asin, domain, title, currency: marketplaceOf(domain)?.currency ?? 'EUR' },
    price: currentPrice,
    originalPrice,
    discountPercent,
    rating,
    reviewCount,
    dealAt: String(timestamp),
    points,
  }
}
