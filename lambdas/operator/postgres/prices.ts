import { integer, maxValue, minValue, number, object, optional, pipe, string } from 'valibot'
import {
  type PriceGap,
  type PricePoint,
  type PriceStatistics,
  statisticsOf,
} from '../../core/prices/price-statistics.ts'
import { operation, type Page } from '../operation.ts'
import { domain, product } from './inputs.ts'
import { iso, PAGE_ROWS, pageOf } from './page.ts'
import type { Queries } from './people.ts'
import { knownProduct } from './products.ts'

const DAY_MS = 86_400_000

const range = {
  product,
  domain: optional(domain),
  days: optional(
    pipe(
      number('days is a number'),
      integer('days is a whole number'),
      minValue(1, 'days is at least 1'),
      maxValue(36_500, 'days is at most 36500'),
    ),
    90,
  ),
}

export interface PriceSummary {
  readonly asin: string
  readonly domain: string
  readonly title: string
  readonly currency: string
  readonly days: number
  /** When the days begin and end, ISO 8601, UTC. */
  readonly from: string
  readonly until: string
  /** How many prices and gaps `prices.list` has. */
  readonly prices: number
  readonly gaps: number
  /** Since when nothing is offered, ISO 8601, UTC; null while there is an offer. */
  readonly unavailableSince: string | null
  /** Null where the product had no price within the days. */
  readonly statistics: PriceStatistics | null
}

/**
 * Rows of equal times in a fixed order, so that the last one is in force. Rows with an implausible time are skipped. Both
 * times are parameters: a plan is made for their months alone.
 */
const POINTS = `
with known as not materialized (
  select recorded_at, price, source, topic, partition, "offset" from price_history
  where product_id = $1 and time_flag is distinct from 'implausible' and recorded_at >= $2 and recorded_at <= $3
  union all
  select recorded_at, null, source, topic, partition, "offset" from price_gaps
  where product_id = $1 and time_flag is distinct from 'implausible' and recorded_at >= $2 and recorded_at <= $3
)
select ${iso('recorded_at')} as at, price, recorded_at::text as "recordedAt", source::text as source,
  topic, partition, "offset"
from known
where true
`
const ORDER = 'order by recorded_at, source, coalesce(price, 0)'

type Row = HistoryPoint & { readonly recordedAt: string }

const IN_FORCE = `
select max(recorded_at)::text as since
from (
  select recorded_at from price_history
  where product_id = $1 and time_flag is distinct from 'implausible' and recorded_at > $2 and recorded_at <= $3
  union all
  select recorded_at from price_gaps
  where product_id = $1 and time_flag is distinct from 'implausible' and recorded_at > $2 and recorded_at <= $3
) as known
`

/** A product that is checked has a price in each of these days' months; of others all months are looked through. */
const BACK_DAYS = 100

/** Since when what was known at a time had been so, as Postgres writes it; the time itself where nothing was. */
async function inForceSince(queries: Queries, id: string, at: Date): Promise<string> {
  for (const after of [new Date(at.getTime() - BACK_DAYS * DAY_MS).toISOString(), '-infinity']) {
    const { rows } = await queries.query<{ since: string | null }>(IN_FORCE, [id, after, at])
    if (rows[0]?.since) return rows[0].since
  }
  return at.toISOString()
}

/** A product's prices and gaps between two times, from what was in force at the first. */
export async function pricePoints(queries: Queries, id: string, from: Date, until: Date): Promise<Row[]> {
  const since = await inForceSince(queries, id, from)
  const { rows } = await queries.query<Row>(`${POINTS} ${ORDER}`, [id, since, until])
  return rows
}

export const showPrices = operation({
  access: 'read',
  does: "Says what a product's price is now, and what it was: lowest, highest, and median by time.",
  input: object(range),
  run: async ({ days, ...wanted }, { pool }): Promise<PriceSummary> => {
    const known = await knownProduct(pool(), wanted.product, wanted.domain)
    const { rows } = await pool().query<Pick<PriceSummary, 'title' | 'currency' | 'unavailableSince'>>(
      `select title, currency, ${iso('unavailable_since')} as "unavailableSince" from watched_products where id = $1`,
      [known.id],
    )
    const untilMs = Date.now()
    const [from, until] = [new Date(untilMs - days * DAY_MS), new Date(untilMs)]
    const points = await pricePoints(pool(), known.id, from, until)
    return {
      ...{ asin: known.asin, domain: known.domain },
      title: rows[0]?.title ?? '',
      currency: rows[0]?.currency ?? '',
      ...{ days, from: from.toISOString(), until: until.toISOString() },
      prices: points.filter(({ price }) => price !== null).length,
      gaps: points.filter(({ price }) => price === null).length,
      unavailableSince: rows[0]?.unavailableSince ?? null,
      statistics: statisticsOf(points, from.getTime(), untilMs),
    }
  },
})

/** A price of the history, or a time from which on nothing was offered. */
export type HistoryPoint = (PricePoint | PriceGap) & {
  /** `kafka_prices` or `kafka_deals`. */
  readonly source: string
  /** The record that it was made from. */
  readonly topic: string
  readonly partition: number
  readonly offset: string
}

const cursor = object({ at: string(), source: string(), price: string(), until: string() })

export const listPrices = operation({
  access: 'read',
  does: "Lists a product's prices of some days, and the times without an offer, from the one that was in force at their beginning.",
  input: object({ ...range, cursor: optional(cursor) }),
  run: async ({ days, ...wanted }, { pool }): Promise<Page<HistoryPoint, PriceCursor>> => {
    const known = await knownProduct(pool(), wanted.product, wanted.domain)
    const until = wanted.cursor?.until ?? new Date().toISOString()
    const from = new Date(Date.parse(until) - days * DAY_MS)
    const after = wanted.cursor
    const { rows } = await pool().query<Row>(
      `${POINTS} and ($4::timestamptz is null or (recorded_at, source, coalesce(price, 0)) > ($4, $5::price_source, $6::numeric))
       ${ORDER} limit ${PAGE_ROWS}`,
      [
        known.id,
        await inForceSince(pool(), known.id, from),
        until,
        after?.at ?? null,
        after?.source ?? null,
        after?.price ?? null,
      ],
    )
    const page = pageOf(rows, (row) => ({
      at: row.recordedAt,
      source: row.source,
      price: row.price ?? '0',
      until,
    }))
    return { rows: page.rows.map(({ recordedAt: _, ...point }) => point), next: page.next }
  },
})

/** The place behind a price; `until` keeps the end where it was when the first page was read. */
interface PriceCursor {
  readonly at: string
  readonly source: string
  readonly price: string
  readonly until: string
}
