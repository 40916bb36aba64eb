import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { dealConsumer } from '../../lambdas/consumers/deal-consumer/deal-consumer.ts'
import { consumeRecords } from '../helpers/consuming.ts'
import { type FreshDatabase, freshDatabase } from '../helpers/database.ts'
import { dealEvent, type TestRecord } from '../helpers/msk-events.ts'
import { checksum, watch } from '../helpers/tables.ts'

let database: FreshDatabase
beforeEach(async () => {
  database = await freshDatabase()
})
afterEach(() => database.drop())

const consume = (...records: TestRecord[]) => consumeRecords(database.pool, dealConsumer, records)
const deals = (...events: Record<string, unknown>[]): TestRecord[] =>
  events.map((changes) => ({ value: dealEvent(changes) }))
const query = async (sql: string) => (await database.pool.query(sql)).rows

test('a deal makes its product, is stored in the history and kept', async () => {
  const { metrics } = await consume(...deals({}))
  expect(metrics).toMatchObject({
    HistoryRowsStored: 1,
    AlertsRaised: 0,
    RecordsUnwatched: 0,
    KeyMismatches: 0,
  })
  expect(
    await query('select asin, domain, title, currency, current_price, added_by from watched_products'),
  ).toEqual([
    {
      asin: 'B07W6JN8V8',
      domain: 'de',
      title: 'Logitech K380',
      currency: 'EUR',
      current_price: '49.99',
      added_by: 'deal',
    },
  ])
  expect(await query('select source, price from price_history')).toEqual([
    { source: 'kafka_deals', price: '49.99' },
  ])
  expect(await query('select * from deals')).toEqual([
    {
      asin: 'B07W6JN8V8',
      domain: 'de',
      title: 'Logitech K380',
      current_price: '49.99',
      original_price: '59.99',
      discount_percent: '16.70',
      rating: '4.50',
      review_count: 1847,
      sales_rank: 1200,
      deal_at: new Date('2026-02-20T12:30:00Z'),
    },
  ])
})

test('a deal of a product that is watched leaves it somebody’s own', async () => {
  await watch(database.pool, {}, null)
  await consume(...deals({}))
  expect(await query('select added_by from watched_products')).toEqual([{ added_by: 'user' }])
})

test('a deal at or under an active target alerts like any other price', async () => {
  await watch(database.pool, {}, 49.5)
  const { metrics } = await consume(...deals({}))
  expect(metrics).toMatchObject({ AlertsRaised: 1 })
})

test('the newest deal of a product is kept, whatever the order', async () => {
  await consume(
    ...deals(
      { current_price: 20, timestamp: '2026-02-20T12:20:00' },
      { current_price: 30, timestamp: '2026-02-20T12:30:00' },
      { current_price: 10, timestamp: '2026-02-20T12:10:00' },
    ),
  )
  await consume(...deals({ current_price: 25, timestamp: '2026-02-20T12:25:00' }))
  expect(await query('select current_price from deals')).toEqual([{ current_price: '30.00' }])
  expect(await query('select from price_history')).toHaveLength(4)
})

test.each([
  ['in one batch', (records: TestRecord[]) => [records]],
  ['one after the other', (records: TestRecord[]) => records.map((record) => [record])],
])('a deal without a title keeps the known one: %s', async (_, batchesOf) => {
  const batches = batchesOf(
    deals(
      { product_title: 'First', timestamp: '2026-02-20T12:10:00' },
      { product_title: 'Second', timestamp: '2026-02-20T12:20:00' },
      { product_title: null, timestamp: '2026-02-20T12:30:00', current_price: 30 },
      { product_title: 'Old', timestamp: '2026-02-20T12:15:00' },
    ),
  )
  for (const batch of batches) await consume(...batch)
  expect(await query('select title, current_price from deals')).toEqual([
    { title: 'Second', current_price: '30.00' },
  ])
  // An old title beside a new deal without one is still an old one.
  await consume(
    ...deals(
      { product_title: 'Older', timestamp: '2026-02-20T12:05:00' },
      { product_title: '', timestamp: '2026-02-20T12:40:00', current_price: 40 },
    ),
  )
  expect(await query('select title, current_price from deals')).toEqual([
    { title: 'Second', current_price: '40.00' },
  ])
})

test('a deal of 2099 is history and never the newest', async () => {
  await consume(...deals({ current_price: 1, timestamp: '2099-01-01' }, { current_price: 30 }))
  expect(await query('select current_price from deals')).toEqual([{ current_price: '30.00' }])
})

test('a deal sent again with its own time adds nothing', async () => {
  await consume(...deals({}))
  const before = await checksum(database.pool)
  await consume({ value: dealEvent(), partition: 2, offset: 77 })
  expect(await checksum(database.pool)).toBe(before)
})

test('price and deal of the same minute are two rows', async () => {
  await consume(...deals({}))
  await database.pool.query(
    `insert into price_history (product_id, recorded_at, source, price, topic, partition, "offset")
     select product_id, recorded_at, 'kafka_prices', price, 'price-updates', 0, 1 from price_history`,
  )
  expect(await query('select from price_history')).toHaveLength(2)
})

test('new products of two batches at once make one row each and keep both histories', async () => {
  const batch = (minute: number) =>
    deals(
      ...Array.from({ length: 50 }, (_, index) => ({
        asin: `B0000000${String((index * 7 + minute) % 50).padStart(2, '0')}`,
        timestamp: `2026-02-20T12:${minute}:00`,
      })),
    )
  await Promise.all([10, 20, 30, 40].map((minute) => consume(...batch(minute))))
  expect(await query('select from watched_products')).toHaveLength(50)
  expect(await query('select from price_history')).toHaveLength(200)
  expect(await query("select from deals where deal_at = '2026-02-20T12:40:00Z'")).toHaveLength(50)
})

describe('a bad deal', () => {
  test('is quarantined and its neighbours are stored', async () => {
    const { metrics } = await consume(
      ...deals(
        { asin: 'B000000001' },
        { asin: 'short' },
        { asin: 'B000000002', rating: 99 },
        { asin: 'B000000003' },
      ),
    )
    expect(metrics).toMatchObject({ HistoryRowsStored: 2, RecordsRejected: 2 })
    expect(await query('select reason from rejected_records order by "offset"')).toEqual([
      { reason: 'bad_asin' },
      { reason: 'bad_rating' },
    ])
  })
})
