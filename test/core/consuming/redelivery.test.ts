import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { dealConsumer } from '../../../lambdas/consumers/deal-consumer/deal-consumer.ts'
import { priceConsumer } from '../../../lambdas/consumers/price-consumer/price-consumer.ts'
import { createPool } from '../../../lambdas/core/postgres/pool.ts'
import { consumeRecords } from '../../helpers/consuming.ts'
import { type FreshDatabase, freshDatabase } from '../../helpers/database.ts'
import { dealEvent, priceEvent, type TestRecord } from '../../helpers/msk-events.ts'
import { checksum, watch } from '../../helpers/tables.ts'
import { until } from '../../local/until.ts'

/** Records that are stored already, wherever in a batch they are, and products that go away meanwhile. */
let database: FreshDatabase
let pool: ReturnType<typeof createPool>
beforeEach(async () => {
  database = await freshDatabase()
  pool = createPool({ DATABASE_URL: database.url, DATABASE_AUTHENTICATION: 'password' })
  await watch(pool, {}, 45)
})
afterEach(async () => {
  await pool.end()
  await database.drop()
})

const price = (minute: number, changes: Record<string, unknown> = {}): TestRecord => ({
  value: priceEvent({ timestamp: `2026-02-20T12:${minute}:00`, ...changes }),
  offset: minute,
})
const deal = (asin: string, minute: number): TestRecord => ({
  value: dealEvent({ asin, timestamp: `2026-02-20T12:${minute}:00` }),
  offset: minute,
})
const historyRows = async (): Promise<number> => (await pool.query('select from price_history')).rowCount ?? 0
/** How many sessions of this database wait for a lock. */
const waiting = async (): Promise<number> =>
  (
    await database.pool.query(
      "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    )
  ).rowCount ?? 0

test.each([
  ['first', [10]],
  ['middle', [12, 13]],
  ['last', [15]],
])('a batch of which the %s is stored adds the others, once', async (_, stored) => {
  await consumeRecords(
    pool,
    priceConsumer,
    stored.map((minute) => price(minute)),
  )
  const batch = [10, 11, 12, 13, 14, 15].map((minute) => price(minute))
  const { metrics } = await consumeRecords(pool, priceConsumer, batch)
  expect(metrics).toMatchObject({ HistoryRowsStored: 6 - stored.length, RecordsUnwatched: 0 })
  expect(await historyRows()).toBe(6)
})

test('a batch that is stored whole waits for nobody and changes nothing', async () => {
  const batch = [10, 11].map((minute) => price(minute, { current_price: 40 }))
  await consumeRecords(pool, priceConsumer, batch)
  const before = await checksum(database.pool)
  const holder = await database.pool.connect()
  await holder.query('begin; select from watched_products for update')
  const { metrics } = await consumeRecords(pool, priceConsumer, batch)
  await holder.query('rollback')
  holder.release()
  expect(metrics).toMatchObject({ HistoryRowsStored: 0, AlertsRaised: 0 })
  expect(await checksum(database.pool)).toBe(before)
})

test('the same record twice in a batch is one row', async () => {
  const { metrics } = await consumeRecords(pool, priceConsumer, [
    price(10),
    { ...price(10), offset: 11 },
    price(12),
  ])
  expect(metrics).toMatchObject({ HistoryRowsStored: 2, RecordsUnwatched: 0 })
})

test('a product that is deleted while its price is on the way leaves no history', async () => {
  const deleting = await database.pool.connect()
  await deleting.query('begin; delete from watched_products')
  const consuming = consumeRecords(pool, priceConsumer, [price(10)])
  await until(async () => (await waiting()) > 0)
  await deleting.query('commit')
  deleting.release()
  expect((await consuming).metrics).toMatchObject({ HistoryRowsStored: 0, RecordsUnwatched: 1 })
  expect(await historyRows()).toBe(0)
})

test('deals of products with and without a row are all stored', async () => {
  const batch = [
    deal('B07W6JN8V8', 10),
    deal('B000000001', 11),
    deal('B000000002', 12),
    deal('B000000001', 13),
  ]
  const { metrics } = await consumeRecords(pool, dealConsumer, batch)
  expect(metrics).toMatchObject({ HistoryRowsStored: 4, RecordsUnwatched: 0 })
  const again = await consumeRecords(pool, dealConsumer, [...batch, deal('B000000003', 14)])
  expect(again.metrics).toMatchObject({ HistoryRowsStored: 1, RecordsUnwatched: 0 })
  expect(await historyRows()).toBe(5)
})

test('titles are stored letter by letter', async () => {
  const title = 'Schuko "16 A", \\ {a,b} NULL\n\ttabs, ’quotes’ und 🔌'
  await consumeRecords(pool, priceConsumer, [price(10, { product_title: title })])
  expect((await pool.query('select title from watched_products')).rows).toEqual([{ title }])
  await consumeRecords(pool, dealConsumer, [
    { value: dealEvent({ asin: 'B000000007', product_title: title, timestamp: '2026-02-20T12:10:00' }) },
  ])
  expect((await pool.query("select title from deals where asin = 'B000000007'")).rows).toEqual([{ title }])
})
