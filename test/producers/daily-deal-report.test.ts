import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { dealConsumer } from '../../lambdas/consumers/deal-consumer/deal-consumer.ts'
import { DealUpdateProducer } from '../../lambdas/core/kafka/deal-update-producer.ts'
import type { RunInput } from '../../lambdas/core/postgres/producer-runs.ts'
import { runDailyDealReports } from '../../lambdas/producers/daily-deal-report/run-daily-deal-reports.ts'
import { quietKafka } from '../core/kafka/sending.ts'
import { consumeRecords } from '../helpers/consuming.ts'
import { type FreshDatabase, freshDatabase } from '../helpers/database.ts'
import { type TestKafka, testKafka } from '../helpers/kafka.ts'
import { dealEvent } from '../helpers/msk-events.ts'
import { checksum } from '../helpers/tables.ts'
import {
  asin,
  asinsOf,
  closeProducers,
  eventsIn,
  inMinutes,
  listener,
  recordsOf,
  topicProducer,
} from './producing.ts'

let kafka: TestKafka
let database: FreshDatabase
let topic: string
beforeAll(async () => {
  kafka = await testKafka()
})
afterAll(() => kafka.close())
beforeEach(async () => {
  database = await freshDatabase()
  topic = await kafka.freshTopic('deal-updates')
})
afterEach(async () => {
  await closeProducers()
  await database.drop()
})

function report(input: RunInput = {}, producer = new DealUpdateProducer(topicProducer(kafka, topic))) {
  return runDailyDealReports(input, {
    pool: database.pool,
    producer,
    log: listener().log,
    deadlineMs: inMinutes(10),
  })
}

const hoursAgo = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString()

/** Stores deals as the consumer does: through the events. */
const deals = (...changes: Record<string, unknown>[]) =>
  consumeRecords(
    database.pool,
    dealConsumer,
    changes.map((change, number) => ({
      value: dealEvent({ asin: asin(number), timestamp: hoursAgo(2), ...change }),
    })),
  )

/** A user with a filter; a column that is left out does not filter. */
async function filter(
  filters: Readonly<Record<string, unknown>>,
  email = 'someone@example.com',
): Promise<void> {
  const columns = ['user_id', ...Object.keys(filters)]
  const { rows } = await database.pool.query<{ id: string }>(
    'insert into users (email) values ($1) on conflict (email) do update set email = excluded.email returning id',
    [email],
  )
  await database.pool.query(
    `insert into deal_filters (${columns.join(', ')}) values (${columns.map((_, index) => `$${index + 1}`).join(', ')})`,
    [rows[0]?.id, ...Object.values(filters)],
  )
}

const reported = async (): Promise<unknown[]> => asinsOf(await eventsIn(kafka, topic))

test.each([
  ['nothing', {}, [0, 1, 2, 3]],
  ['a marketplace', { domain: 'com' }, [2]],
  ['a discount', { min_discount: 30 }, [1, 2]],
  ['a price', { max_price: 20 }, [1, 3]],
  ['a rating', { min_rating: 4.5 }, [0, 2]],
  ['words of the title in any case', { title_contains: 'LOGITECH' }, [0, 2]],
  ['a percent sign, literally', { title_contains: '100%' }, [1]],
  ['an underscore, literally', { title_contains: 'usb_c' }, [3]],
  ['all of it', { domain: 'de', min_discount: 20, max_price: 30, title_contains: 'wool' }, [1]],
])('a filter for %s', async (_, filters, expected) => {
  await deals(
    { product_title: 'Logitech K380', current_price: 49.99, discount_percent: 16.7, rating: 4.5 },
    { product_title: '100% Wool', current_price: 19.99, discount_percent: 30, rating: null },
    { product_title: 'logitech mouse', current_price: 20.01, discount_percent: 60, domain: 'com', rating: 5 },
    { product_title: 'Cable USB_C', current_price: 20, discount_percent: null, rating: 3 },
    {
      product_title: '100% Wool, usb_c, logitech',
      current_price: 1,
      discount_percent: 90,
      timestamp: hoursAgo(25),
    },
  )
  await filter(filters)
  await report()
  expect(await reported()).toEqual(expected.map(asin))
})

test('sends a deal that passes several filters of several users once, with its own timestamp and values', async () => {
  await deals({ timestamp: hoursAgo(3), discount_percent: 33.4 })
  await filter({ min_discount: 10 })
  await filter({ domain: 'de' })
  await filter({}, 'another@example.com')
  expect(await report()).toMatchObject({ end: 'finished', sent: 1, notSent: [] })
  const [event, ...others] = await eventsIn(kafka, topic)
  const { rows } = await database.pool.query<{ deal_at: Date }>('select deal_at from deals')
  expect(others).toEqual([])
  expect({ ...event, timestamp: new Date(String(event?.timestamp)) }).toEqual({
    ...dealEvent({ asin: asin(0), discount_percent: 33.4 }),
    timestamp: rows[0]?.deal_at,
  })
})

test('what it sends again changes nothing in the tables', async () => {
  await deals({}, { current_price: 5, timestamp: '2026-02-20T12:30:00.123456Z' }, { timestamp: hoursAgo(1) })
  await database.pool.query(`update deals set deal_at = now() where asin = '${asin(1)}'`)
  await database.pool.query(`update watched_products set price_at = now() where asin = '${asin(1)}'`)
  await database.pool.query(
    `update price_history set recorded_at = deal_at from deals, watched_products as product
     where deals.asin = '${asin(1)}' and product.asin = deals.asin and product_id = product.id`,
  )
  await filter({})
  const before = await checksum(database.pool)
  expect(await report()).toMatchObject({ sent: 3 })
  const { metrics } = await consumeRecords(database.pool, dealConsumer, recordsOf(await kafka.readAll(topic)))
  expect(metrics).toMatchObject({ RecordsReceived: 3, HistoryRowsStored: 0, RecordsRejected: 0 })
  expect(await checksum(database.pool)).toBe(before)
})

test('keeps one report a user and day, with that user’s deals, however often it runs', async () => {
  await deals({ domain: 'de' }, { domain: 'com' })
  await filter({ domain: 'de' })
  await filter({ domain: 'com' }, 'another@example.com')
  await filter({ max_price: 1 }, 'picky@example.com')
  const reports = async () => {
    const { rows } = await database.pool.query(
      `select email, report_date = (now() at time zone time_zone)::date as today, deals
       from deal_reports join users on users.id = user_id order by email`,
    )
    return rows
  }
  await report()
  const first = await reports()
  expect(first).toMatchObject([
    {
      email: 'another@example.com',
      today: true,
      deals: [{ asin: asin(1), domain: 'com', currentPrice: '49.99' }],
    },
    { email: 'someone@example.com', today: true, deals: [{ asin: asin(0), domain: 'de' }] },
  ])
  await report()
  expect(await reports()).toEqual(first)
})

test('keeps the 100 most valuable deals for each of any number of users, and sends all of them again', async () => {
  await deals(...Array.from({ length: 130 }, (_, number) => ({ discount_percent: number / 2 })))
  await filter({ max_price: 1 }, 'picky@example.com')
  await database.pool.query(
    "insert into users (email) select n || '@example.com' from generate_series(1, 120) as n",
  )
  await database.pool.query(
    "insert into deal_filters (user_id) select id from users where email <> 'picky@example.com'",
  )
  expect(await report()).toMatchObject({ end: 'finished', sent: 130, notSent: [] })
  const { rows } = await database.pool.query(
    `select jsonb_array_length(deals) as deals, deals #>> '{0,asin}' as first, deals #>> '{-1,asin}' as last,
       count(*)::integer as users
     from deal_reports group by 1, 2, 3`,
  )
  // 64.5 % counts as 65; 14.5 and 15 as the same, where the ASIN decides.
  expect(rows).toEqual([{ deals: 100, first: asin(129), last: asin(29), users: 120 }])
})

test('a deal is worth more by whole percents, then by a rating that many have given', async () => {
  const of = (
    discount_percent: number | null,
    rating: number | null,
    review_count: number | null,
    domain = 'de',
  ) => ({
    ...{ discount_percent, rating, review_count, domain },
  })
  await deals(
    of(30.4, 5, 2),
    of(29.6, 4.2, 500),
    of(null, null, null),
    of(30, null, 900),
    of(30, 1, 100),
    of(60, 1, 100),
    of(30, null, null, 'com'),
    of(29.4, 5, 5_000),
  )
  await filter({})
  await report()
  const { rows } = await database.pool.query<{ deals: { asin: string }[] }>('select deals from deal_reports')
  expect(rows[0]?.deals.map((deal) => deal.asin)).toEqual([5, 1, 0, 6, 3, 4, 7, 2].map(asin))
})

test('a schedule that fires twice reports once', async () => {
  await deals({})
  await filter({})
  const input = { scheduledTime: '2026-02-20T07:00:00Z' }
  expect(await report(input)).toMatchObject({ sent: 1 })
  expect(await report(input)).toEqual({ skipped: 'already-done' })
})

test('broker down: the reports are kept, the deals listed as not sent, and the retry sends them', async () => {
  await deals({}, {})
  await filter({})
  const input = { scheduledTime: '2026-02-20T07:00:00Z' }
  const away = topicProducer((retry) => quietKafka('localhost:1', { retry: { ...retry, retries: 0 } }), topic)
  expect(await report(input, new DealUpdateProducer(away))).toMatchObject({
    sent: 0,
    notSent: [
      { asin: asin(0), domain: 'de', code: 'kafka_unreachable' },
      { asin: asin(1), domain: 'de', code: 'kafka_unreachable' },
    ],
  })
  const { rowCount } = await database.pool.query('select from deal_reports')
  expect(rowCount).toBe(1)
  expect(await report(input)).toMatchObject({ sent: 2 })
})

test('without filters nothing is sent', async () => {
  await deals({})
  expect(await report()).toMatchObject({ end: 'finished', sent: 0 })
})
