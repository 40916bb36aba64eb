import { afterEach, beforeEach, expect, test } from '@jest/globals'
import fc from 'fast-check'
import pg from 'pg'
import { priceConsumer } from '../../lambdas/consumers/price-consumer/price-consumer.ts'
import type { Amount } from '../../lambdas/core/money.ts'
import { statisticsOf } from '../../lambdas/core/prices/price-statistics.ts'
import { withinRetention } from '../../lambdas/core/prices/retention.ts'
import type { EarliestOffset } from '../../lambdas/maintenance/earliest-in-kafka.ts'
import { forget } from '../../lambdas/maintenance/forget.ts'
import { makeMonths } from '../../lambdas/maintenance/months.ts'
import { rewrite } from '../../lambdas/maintenance/rewrite.ts'
import { thinMonths } from '../../lambdas/maintenance/thin.ts'
import { consumeRecords } from '../helpers/consuming.ts'
import { type FreshDatabase, freshDatabase } from '../helpers/database.ts'
import { priceEvent, type TestRecord } from '../helpers/msk-events.ts'
import { content, watch } from '../helpers/tables.ts'
import { until } from '../local/until.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

let database: FreshDatabase
let pool: pg.Pool
beforeEach(async () => {
  database = await freshDatabase()
  pool = new pg.Pool({ connectionString: database.url, max: 1, options: '-c role=keeper_maintenance' })
  await watch(database.pool, {}, 45)
})
afterEach(async () => {
  await pool.end()
  await database.drop()
})

const soon = () => ({ pool, deadlineMs: Date.now() + MINUTE_MS, pauseMs: 10 })
const query = async <Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []) =>
  (await database.pool.query<Row>(sql, values)).rows

/** Prices of the past at these times, as an import sends them: one record each, from this offset on. */
const past = (
  times: readonly Date[],
  price: number | ((index: number) => number | null) = 50,
  { offset = 0, asin = 'B07W6JN8V8' } = {},
) =>
  times.map((time, index) => ({
    offset: offset + index,
    key: asin,
    value: priceEvent({
      asin,
      timestamp: time.toISOString(),
      current_price: typeof price === 'number' ? price : price(index),
      history: true,
    }),
  }))
const consume = (records: readonly TestRecord[], by: pg.Pool = database.pool) =>
  consumeRecords(by, priceConsumer, records)
const everyDay = (from: string, days: number) =>
  Array.from({ length: days }, (_, day) => new Date(Date.parse(from) + day * DAY_MS))

const rowsByPartition = async () => {
  const rows = await query<{ place: string; rows: number }>(
    'select tableoid::regclass::text as place, count(*)::integer as rows from price_history group by 1 order by 1',
  )
  return Object.fromEntries(rows.map(({ place, rows: count }) => [place, count]))
}
const GONE: readonly EarliestOffset[] = [{ topic: 'price-updates', partition: 0, earliest: 1_000_000 }]

/** Everything in one table, as a stage has it that is older than the months. */
async function allInOneTable(): Promise<void> {
  await query(`do $$
    declare name text;
    begin
      for name in select part.name from price_history_partitions as part where since is not null loop
        execute format('drop table %I', name);
      end loop;
      create table price_history_whole (like price_history including all);
      insert into price_history_whole select * from price_history_other;
      delete from price_history_other;
      alter table price_history attach partition price_history_whole
        for values from ('2000-01-01 00:00Z') to ('2100-01-01 00:00Z');
    end $$`)
}

test('months that are missing are made, with the prices that waited for them', async () => {
  await consume(past(everyDay('2021-03-30T12:00:00Z', 4)))
  await consume([{ offset: 9, value: priceEvent({ timestamp: '2001-01-01T00:00:00' }) }])
  await consume([{ offset: 10, value: priceEvent({ timestamp: '1970-01-01T00:00:00' }) }])
  await query(
    'drop table ' +
      (
        await query<{ name: string }>(
          'select max(name) as name from price_history_partitions where since is not null',
        )
      )[0]?.name,
  )
  const made = await makeMonths(soon())
  expect(made).toMatchObject({ moved: 5, missing: [] })
  expect(made.made.slice(0, 3)).toEqual(['2001-01-01', '2021-03-01', '2021-04-01'])
  expect(made.made).toHaveLength(4)
  expect(await rowsByPartition()).toEqual({
    price_history_2001_01: 1,
    price_history_2021_03: 2,
    price_history_2021_04: 2,
    price_history_other: 1,
  })
  expect(await makeMonths(soon())).toEqual({ made: [], moved: 0, missing: [] })
})

test('a price that waits while its month is made is stored in it, as if nothing had been', async () => {
  await query("select history_make_month('2021-03-01')")
  const maker = await pool.connect()
  await maker.query("begin; select history_make_month('2021-04-01')")
  // The first has its place: what waits is a row that is being put where it belonged before.
  const consumed = consume(past(everyDay('2021-03-31T12:00:00Z', 2)))
  const waiting = "select from pg_locks where not granted and relation = 'price_history_other'::regclass"
  await until(async () => (await query(waiting)).length === 1)
  await maker.query('commit')
  maker.release()
  expect(await consumed).toMatchObject({ response: { batchItemFailures: [] } })
  expect(await rowsByPartition()).toEqual({ price_history_2021_03: 1, price_history_2021_04: 1 })
})

test('a month waits where somebody reads the history, says so, and is made by the next run', async () => {
  await consume(past(everyDay('2021-03-30T12:00:00Z', 1)))
  const reader = await database.pool.connect()
  await reader.query('begin; select * from price_history')
  const deadlineMs = Date.now() + 100
  expect(await makeMonths({ pool, deadlineMs, pauseMs: 200 })).toMatchObject({
    made: [],
    missing: ['2021-03-01'],
  })
  await reader.query('commit')
  reader.release()
  expect(await makeMonths(soon())).toMatchObject({ made: ['2021-03-01'], missing: [] })
})

test('the table of before is split while prices come and go, in runs that stop anywhere, and nothing is lost', async () => {
  await watch(database.pool, { asin: 'B000000002' }, 45)
  const days = everyDay('2021-01-15T12:00:00Z', 40)
  const rising = (day: number) => 50 + day
  await consume(past(days, rising))
  await consume(past(days, rising, { offset: 100, asin: 'B000000002' }))
  await allInOneTable()
  const split = (deadlineMs = Date.now() + MINUTE_MS) =>
    rewrite('price_history_whole', 'split', [], { ...soon(), deadlineMs, blocks: 1 })
  // There is time to begin and for no step.
  expect(await split(Date.now() + 10_000)).toMatchObject({ state: 'copying', read: 0 })
  await pool.query('select history_split_prepare(1)')
  await pool.query('select history_split_step(1)')
  // Stored and deleted behind the place that the copy has reached, and in a month that it has not seen.
  const consumer = new pg.Pool({
    connectionString: database.url,
    max: 1,
    options: '-c role=keeper_price_consumer',
    pipeline: true,
  })
  await consume(past(everyDay('2021-01-15T18:00:00Z', 3), 20, { offset: 200 }), consumer)
  await consume(past(everyDay('2024-06-01T00:00:00Z', 1), 30, { offset: 300 }), consumer)
  await consumer.end()
  await query(`delete from watched_products where asin = 'B000000002'`)
  const before = await content(database.pool)
  expect(await split()).toMatchObject({ state: 'replaced' })
  expect(await content(database.pool)).toEqual(before)
  expect(await rowsByPartition()).toEqual({
    price_history_2021_01: 20,
    price_history_2021_02: 23,
    price_history_2024_06: 1,
  })
  await consume(past(days, rising))
  expect(await content(database.pool)).toEqual(before)
})

test('a month keeps the first and the last of a run of equal prices, and every price whose record Kafka still has', async () => {
  await consume(past(everyDay('2021-01-01T12:00:00Z', 30), (day) => (day === 20 ? null : day < 10 ? 40 : 50)))
  await makeMonths(soon())
  const thin = (earliest: number) =>
    thinMonths({
      ...soon(),
      months: 3,
      products: 1,
      earliest: [{ topic: 'price-updates', partition: 0, earliest }],
    })
  expect(await thin(5)).toEqual([
    { partition: 'price_history_2021_01', state: 'replaced', read: 29, kept: 25 },
  ])
  // Not twice within a month, though more could go now.
  expect(await thin(1_000)).toEqual([])
  await query(`update price_history_thinned set thinned_at = now() - interval '32 days'`)
  expect(await thin(1_000)).toEqual([
    { partition: 'price_history_2021_01', state: 'replaced', read: 25, kept: 6 },
  ])
  const days = await query<{ day: number }>(
    'select extract(day from recorded_at)::integer as day from price_history order by 1',
  )
  expect(days.map(({ day }) => day)).toEqual([1, 10, 11, 20, 22, 30])
})

test('thinning that is switched off halfway leaves the month as it was', async () => {
  await consume(past(everyDay('2021-01-01T12:00:00Z', 30)))
  await makeMonths(soon())
  await pool.query(`select history_rewrite_begin('price_history_2021_01', 'thin')`)
  expect(await thinMonths({ ...soon(), months: undefined, earliest: GONE })).toEqual([])
  expect(await rowsByPartition()).toEqual({ price_history_2021_01: 30 })
  expect(await query('select from price_history_rewriting')).toEqual([])
})

test('months that are older than they are kept are forgotten once Kafka has none of their records, and do not come back', async () => {
  const records = past([
    ...everyDay('2021-01-30T12:00:00Z', 4),
    ...everyDay(new Date(Date.now() - 40 * DAY_MS).toISOString(), 1),
  ])
  await consume(records)
  await makeMonths(soon())
  const run = (earliest: number) =>
    forget({ ...soon(), months: 12, earliest: [{ topic: 'price-updates', partition: 0, earliest }] })
  expect(await run(1)).toMatchObject({ months: [] })
  expect(await run(2)).toMatchObject({ months: ['2021-01-01'] })
  expect(await run(4)).toMatchObject({ months: ['2021-02-01'] })
  const { metrics } = await consumeRecords(database.pool, withinRetention(priceConsumer, 12), records)
  expect(metrics).toMatchObject({ RecordsBeyondRetention: 4, HistoryRowsStored: 0 })
  expect(Object.values(await rowsByPartition())).toEqual([1])
})

test('the function’s database user changes no table but by the functions, and removes no month that is looked at', async () => {
  const [{ month } = { month: '' }] = await query<{ month: string }>(
    `select date_trunc('month', now())::date::text as month`,
  )
  for (const statement of [
    'delete from price_history',
    'drop table price_history_other',
    'insert into price_history_copy select * from price_history',
    'select history_new_month($$price_history$$, $$price_history_other$$, $$2021-01-01$$, $$users$$, false)',
  ]) {
    await expect(pool.query(statement)).rejects.toMatchObject({ code: expect.stringMatching(/42501|42P01/) })
  }
  await expect(pool.query('select history_forget_month($1)', [month])).rejects.toMatchObject({
    code: 'P0002',
  })
  await expect(pool.query('select history_make_month($1)', ['2021-01-02'])).rejects.toMatchObject({
    code: '22023',
  })
  const consumer = new pg.Pool({
    connectionString: database.url,
    max: 1,
    options: '-c role=keeper_price_consumer',
  })
  await expect(consumer.query('select history_make_month($1)', ['2021-01-01'])).rejects.toMatchObject({
    code: '42501',
  })
  await consumer.end()
})

/** What people see of the product: at any time the price in force, and each window's lowest, highest and median. */
async function seen(): Promise<unknown> {
  const points = await query<{ at: string; price: Amount | null }>(
    `select to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at, price from (
       select recorded_at, source, price from price_history union all select recorded_at, source, null from price_gaps
     ) as known order by recorded_at, source, coalesce(price, 0)`,
  )
  const steps = points.filter(({ price }, index) => index === 0 || price !== points[index - 1]?.price)
  const windows = [0, 9, 21, 40].map((day) => {
    const from = Date.parse('2021-01-01T00:00:00Z') + day * DAY_MS
    const found = statisticsOf(points as Parameters<typeof statisticsOf>[0], from, from + 25 * DAY_MS)
    return found && [found.lowest.price, found.highest.price, found.median, found.now.price]
  })
  return { steps, windows, alerts: await query('select triggered_price, triggered_at from price_alerts') }
}

test('thinned at any time, replayed and imported again, prices look as if nothing had gone', async () => {
  const prices = fc.array(fc.constantFrom(40, 40, 40, 50, 50, null), { minLength: 1, maxLength: 60 })
  await fc.assert(
    fc.asyncProperty(prices, fc.nat(70), async (drawn, earliest) => {
      await query('delete from price_history; delete from price_gaps; delete from price_history_thinned')
      const days = everyDay('2021-01-01T12:00:00Z', drawn.length)
      const imported = past(days, (day) => drawn[day] ?? null)
      await consume(imported)
      const before = await seen()
      await makeMonths(soon())
      const thin = (log: number) =>
        thinMonths({
          ...soon(),
          months: 3,
          earliest: [{ topic: 'price-updates', partition: 0, earliest: log }],
        })
      await thin(earliest)
      expect(await seen()).toEqual(before)
      const thinned = await content(database.pool)
      await consume(imported.filter(({ offset }) => offset >= earliest))
      expect(await content(database.pool)).toEqual(thinned)
      await consume(past(days, (day) => drawn[day] ?? null, { offset: 100 }))
      expect(await seen()).toEqual(before)
      await query(`update price_history_thinned set thinned_at = now() - interval '32 days', rows_left = 1`)
      await thin(1_000)
      expect(await seen()).toEqual(before)
    }),
    { numRuns: 15 },
  )
})
