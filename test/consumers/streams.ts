import fc from 'fast-check'
import type pg from 'pg'
import { dealEvent, priceEvent, type TestRecord } from '../helpers/msk-events.ts'
import { watch as addWatch } from '../helpers/tables.ts'
import { emptyTables } from '../helpers/used-database.ts'
import type { Model, Sighting, Watch } from './model.ts'

/** Random streams of records, and what happens between them. Small ranges: equal times and prices are met often. */

const WATCHED = ['B000000001 de', 'B000000001 com', 'B000000002 de']
const UNWATCHED = 'B000000009 de'
/** Of each product, in cents; 0 is none. */
const TARGETS = [4_500, 4_000, 0]
const WATCHES = WATCHED.flatMap((key) => TARGETS.map((target) => ({ key, target })))

/** The record's own time, where an event has none that can be read. */
const RECORD_MS = Date.UTC(2026, 1, 20, 12, 31)

export interface RecordStep {
  readonly kind: 'record'
  readonly topic: Sighting['topic']
  readonly key: string
  /** A number of euros, null, or what no event is. */
  readonly price: number | null
  readonly poison: string | null | undefined
  readonly time: string
  readonly title: string
  readonly isHistory: boolean
}

interface Between {
  /** The place of its watch among all. */
  readonly watch: number
  readonly sql: string
  readonly values: unknown[]
}

export type Step =
  | RecordStep
  | ({
      readonly kind: 'conclude'
      readonly status: 'SENT' | 'FAILED' | 'SUPERSEDED'
      readonly told: number | null
    } & Between)
  | ({ readonly kind: 'change'; readonly status: Watch['status']; readonly target: number } & Between)

const often = <T>(weight: number, usual: T, ...others: readonly T[]) =>
  fc.oneof(
    { weight, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(usual, ...others) },
  )

const record = fc.record({
  kind: fc.constant('record' as const),
  topic: fc.constantFrom('price-updates' as const, 'price-updates' as const, 'deal-updates' as const),
  key: fc.constantFrom(...WATCHED, UNWATCHED),
  price: fc.constantFrom(0, null, 39, 40, 40.4, 40.41, 44, 45, 45.45, 45.46, 46, 50),
  poison: often<string | null | undefined>(10, undefined, '{', 'null', null),
  time: fc.oneof(
    { weight: 10, arbitrary: fc.integer({ min: 10, max: 20 }).map((minute) => `2026-02-20T12:${minute}:00`) },
    { weight: 1, arbitrary: fc.constantFrom('2099-01-01', '1970-01-01', 'never') },
  ),
  title: fc.constantFrom('', 'One', 'Two'),
  isHistory: often(4, false, true),
})

/** The watch at a place among all, whose rows are in that order. */
const NTH = '(select id from watches order by id offset $1 limit 1)'

const conclude = fc
  .record({
    watch: fc.integer({ min: 0, max: WATCHES.length - 1 }),
    status: fc.constantFrom('SENT' as const, 'FAILED' as const, 'SUPERSEDED' as const),
    lower: fc.constantFrom(0, 0, 100),
  })
  .map(({ watch, status, lower }): Step => {
    // Of a message that told a price, and a lower one than that which raised the alert now and then.
    const told = status === 'SENT' && lower > 0 ? 3_850 : null
    const sql = `update price_alerts set status = $2, told_price = $3 where watch_id = ${NTH} and status = 'PENDING'`
    return { kind: 'conclude', watch, status, told, sql, values: [watch, status, told && told / 100] }
  })

const change = fc
  .record({
    watch: fc.integer({ min: 0, max: WATCHES.length - 1 }),
    status: fc.constantFrom('ACTIVE' as const, 'ACTIVE' as const, 'PAUSED' as const),
    target: fc.constantFrom(4_500, 4_400, 4_000, 0),
  })
  .map(({ watch, status, target }): Step => {
    const sql = `update watches set status = $2, target_price = $3 where id = ${NTH}`
    return { kind: 'change', watch, status, target, sql, values: [watch, status, target / 100] }
  })

export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: record as fc.Arbitrary<Step> },
    { weight: 3, arbitrary: conclude },
    { weight: 1, arbitrary: change },
  ),
  { minLength: 1, maxLength: 60, size: 'max' },
)

const partitionOf = (key: string): number => key.charCodeAt(9) % 2

/** The record as Kafka has it: a product's records are in one partition. */
export function recordOf(
  { topic, key, price, poison, time, title, isHistory }: RecordStep,
  offset: number,
): TestRecord {
  const [asin, domain] = key.split(' ')
  const fields = { asin, domain, current_price: price, timestamp: time, product_title: title }
  const event =
    topic === 'deal-updates'
      ? dealEvent(fields)
      : priceEvent({ ...fields, currency: domain === 'com' ? 'USD' : 'EUR', history: isHistory })
  return {
    value: poison === undefined ? event : poison,
    offset,
    partition: partitionOf(key),
    timestamp: RECORD_MS,
  }
}

/** What the model sees of it; undefined for what it does not. */
export function sightingOf(step: RecordStep, offset: number): Sighting | undefined {
  const { topic, key, price, time, title } = step
  const isHistory = step.isHistory && topic === 'price-updates'
  if (step.poison !== undefined || isRejected(step)) return undefined
  const hasTime = time !== 'never'
  const isPlausible = time.startsWith('2026') || !hasTime
  const usual = isHistory ? 'history' : hasTime ? null : 'record_time'
  return {
    ...{ topic, key, title, offset },
    cents: price === null ? null : Math.round(price * 100),
    at: new Date(
      hasTime ? `${time.padEnd(19, 'T00:00:00'.slice(time.length - 10))}Z` : RECORD_MS,
    ).toISOString(),
    flag: isPlausible ? usual : 'implausible',
  }
}

/** Whether it ends in the quarantine: what is no event, and a price of the past without a time of its own. */
function isRejected({ topic, poison, time, price, isHistory }: RecordStep): boolean {
  if (poison !== undefined) return poison !== null
  return topic === 'price-updates' && isHistory && time === 'never' && price !== 0
}

/**
 * A price that was passed over because nobody watched its product would be stored by a replay once there is the product: it
 * is not replayed, as that is what a replay is for.
 */
export const isReplayed = ({ topic, key }: RecordStep): boolean =>
  topic === 'deal-updates' || key !== UNWATCHED

export const watchesOfModel = (): Watch[] =>
  WATCHES.map(({ key, target }) => ({ key, target, status: 'ACTIVE', alerts: [] }))

/** Nothing but the watches. */
export async function prepare(pool: pg.Pool): Promise<void> {
  await emptyTables(pool)
  for (const key of WATCHED) {
    const [asin = '', domain = ''] = key.split(' ')
    const currency = domain === 'com' ? 'USD' : 'EUR'
    await addWatch(pool, { asin, domain, currency }, ...TARGETS.map((target) => target / 100))
  }
  await pool.query("update watched_products set title = 'Watched'")
}

const STORED = `
with time as (select 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"' as form)
select json_build_object(
  'products', (select coalesce(json_agg(json_build_array(asin || ' ' || domain, title, current_price * 100, previous_price * 100,
    to_char(price_at at time zone 'UTC', form), to_char(unavailable_since at time zone 'UTC', form))), '[]') from watched_products),
  'prices', (select coalesce(json_agg(json_build_array(asin || ' ' || domain, to_char(recorded_at at time zone 'UTC', form), topic,
    price * 100, time_flag, "offset")), '[]') from price_history join watched_products as product on product.id = product_id),
  'gaps', (select coalesce(json_agg(json_build_array(asin || ' ' || domain, to_char(recorded_at at time zone 'UTC', form), gap.time_flag)), '[]')
    from price_gaps as gap join watched_products as product on product.id = product_id),
  'alerts', (select coalesce(json_agg(json_build_array(watch_id - 1, triggered_price * 100, previous_price * 100, target_price * 100,
    to_char(triggered_at at time zone 'UTC', form), status, told_price * 100)), '[]') from price_alerts),
  'deals', (select coalesce(json_agg(json_build_array(asin || ' ' || domain, title, to_char(deal_at at time zone 'UTC', form), current_price * 100)),
    '[]') from deals),
  'rejected', (select coalesce(json_agg(json_build_array(topic, "offset")), '[]') from rejected_records)
) as stored from time`

type Tables = Record<'products' | 'prices' | 'gaps' | 'alerts' | 'deals' | 'rejected', unknown[][]>

const sorted = (tables: Tables) =>
  Object.fromEntries(
    Object.entries(tables).map(([name, rows]) => [name, rows.map((row) => JSON.stringify(row)).sort()]),
  )

/** The tables as the database has them, and as the model says. */
export const tables = {
  stored: async (pool: pg.Pool) => {
    const { rows } = await pool.query<{ stored: Tables }>(STORED)
    return sorted(rows[0]?.stored as Tables)
  },
  expected: (model: Model, all: readonly Step[]) =>
    sorted({
      products: [...model.products].map(([key, product]) => [
        ...[key, product.title, product.cents, product.previous, product.at || null],
        model.goneSince(product),
      ]),
      prices: [...model.products].flatMap(([key, { prices }]) =>
        prices.map(({ at, topic, cents, flag, offset }) => [key, at, topic, cents, flag, offset]),
      ),
      gaps: [...model.products].flatMap(([key, { gaps }]) => [...gaps].map(([at, flag]) => [key, at, flag])),
      alerts: model.watches.flatMap(({ alerts }, watch) =>
        alerts.map(({ cents, previous, target, at, status, told }) => [
          ...[watch, cents, previous, target, at, status, told],
        ]),
      ),
      deals: [...model.deals].map(([key, { title, at, cents }]) => [key, title, at, cents]),
      rejected: all.flatMap((step, offset) =>
        step.kind === 'record' && isRejected(step) ? [[step.topic, offset]] : [],
      ),
    }),
}
