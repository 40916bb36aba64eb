import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { priceConsumer } from '../../lambdas/consumers/price-consumer/price-consumer.ts'
import { PriceUpdateProducer } from '../../lambdas/core/kafka/price-update-producer.ts'
import type { KeepaClient } from '../../lambdas/core/keepa/client.ts'
import {
  type ImportDependencies,
  type ImportInput,
  runHistoryImport,
} from '../../lambdas/producers/history-import/run-history-import.ts'
import { affordable } from '../../lambdas/producers/history-import/token-budget.ts'
import { runPriceCheck } from '../../lambdas/producers/price-check/run-price-check.ts'
import { consumeRecords } from '../helpers/consuming.ts'
import { type FreshDatabase, freshDatabase } from '../helpers/database.ts'
import { type TestKafka, testKafka } from '../helpers/kafka.ts'
import { checksum, watch } from '../helpers/tables.ts'
import {
  asin,
  closeProducers,
  eventOf,
  inMinutes,
  keepaOf,
  listener,
  recordsOf,
  topicProducer,
} from './producing.ts'
import { type KeepaAnswer, keepaProduct, NOON_MINUTES, scriptedKeepa } from './scripted-keepa.ts'

let kafka: TestKafka
let database: FreshDatabase
let topic: string
const closing: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  kafka = await testKafka()
})
afterAll(() => kafka.close())
beforeEach(async () => {
  database = await freshDatabase()
  topic = await kafka.freshTopic('price-updates')
})
afterEach(async () => {
  await closeProducers()
  await Promise.all(closing.splice(0).map((close) => close()))
  await database.drop()
})

const DAY = 24 * 60
/** Amazon's series: 59.99 ten days ago, 39.99 for a day, nothing for a day, then the present price. */
const pastOf = (cents: number) => [
  ...[NOON_MINUTES - 10 * DAY, 59_99, NOON_MINUTES - 5 * DAY, 39_99, NOON_MINUTES - 4 * DAY, -1],
  ...[NOON_MINUTES - 3 * DAY, cents],
]
const csvOf = (amazon: unknown) => Array.from({ length: 36 }, (_, type) => (type === 0 ? amazon : null))
const withPast =
  (cents: number, amazon: unknown = pastOf(cents)) =>
  (one: string) =>
    keepaProduct(one, cents, { csv: csvOf(amazon), stats: { current: [cents, -1] } })

async function keepa(product: (asin: string) => object = withPast(49_99), answer?: () => KeepaAnswer) {
  const server = await scriptedKeepa(answer ?? (({ asins }) => ({ products: asins.map(product) })))
  closing.push(server.close)
  return server
}

function dependencies(url: string, changes: Partial<ImportDependencies> = {}) {
  const { log, logged } = listener()
  const all: ImportDependencies = {
    pool: database.pool,
    keepa: async () => keepaOf(url),
    producer: new PriceUpdateProducer(topicProducer(kafka, topic)),
    log,
    historyYears: 30,
    deadlineMs: inMinutes(10),
    ...changes,
  }
  return { all, logged }
}
const run = (url: string, input: ImportInput = {}, changes: Partial<ImportDependencies> = {}) =>
  runHistoryImport(input, dependencies(url, changes).all)

const sent = async () => (await kafka.readAll(topic)).toSorted((a, b) => Number(a.offset) - Number(b.offset))
const consume = async () => consumeRecords(database.pool, priceConsumer, recordsOf(await sent()))
const query = async (sql: string) => (await database.pool.query(sql)).rows
const waiting = async () =>
  (await query('select asin from watched_products where history_imported_at is null order by asin')).map(
    (row) => row.asin,
  )

test('a product is imported once: its present first, then its past with its own times', async () => {
  await watch(database.pool, { asin: asin(1) }, 45)
  const { url, asked } = await keepa()
  expect(await run(url)).toMatchObject({ end: 'finished', sent: 5, imported: 1 })
  const events = (await sent()).map(eventOf)
  expect(events.map((event) => [event.timestamp, event.current_price, event.history])).toEqual([
    ['2026-02-20T12:30:00Z', 49.99, undefined],
    ['2026-02-10T12:30:00Z', 59.99, true],
    ['2026-02-15T12:30:00Z', 39.99, true],
    ['2026-02-16T12:30:00Z', null, true],
    ['2026-02-17T12:30:00Z', 49.99, true],
  ])
  expect(asked).toMatchObject([{ asins: [asin(1)], buyBox: true }])
  expect(await run(url)).toMatchObject({ sent: 0, imported: 0 })
  expect(asked).toHaveLength(1)
})

test('the past is in the history, and is not the current price and no alert, however low it was', async () => {
  await watch(database.pool, { asin: asin(1) }, 45)
  await run((await keepa()).url)
  expect((await consume()).metrics).toMatchObject({ HistoryRowsStored: 4, AlertsRaised: 0 })
  expect(await query('select current_price, unavailable_since from watched_products')).toEqual([
    { current_price: '49.99', unavailable_since: null },
  ])
  expect(await query('select count(*)::integer as gaps from price_gaps')).toEqual([{ gaps: 1 }])
})

test('the present alerts as a price check would', async () => {
  await watch(database.pool, { asin: asin(1) }, 49.99)
  await run((await keepa()).url)
  expect((await consume()).metrics).toMatchObject({ AlertsRaised: 1 })
})

test('a run that dies anywhere is repeated, and the tables are as after one run', async () => {
  await watch(database.pool, { asin: asin(1) }, 45)
  const { url } = await keepa()
  // Dies after so many events were sent.
  for (const most of [0, 1, 3]) {
    const producer = new PriceUpdateProducer(topicProducer(kafka, topic))
    let count = 0
    const dying = {
      connect: () => producer.connect(),
      sendPriceUpdate: (price: Parameters<typeof producer.sendPriceUpdate>[0]) =>
        count++ < most ? producer.sendPriceUpdate(price) : Promise.reject(new Error('died')),
    } as unknown as PriceUpdateProducer
    expect(await run(url, {}, { producer: dying })).toMatchObject({ imported: 0 })
    expect(await waiting()).toEqual([asin(1)])
  }
  await consume()
  await run(url)
  expect(await waiting()).toEqual([])
  await consume()
  const before = await checksum(database.pool)
  await database.pool.query('update watched_products set history_imported_at = null')
  await run(url)
  await consume()
  await database.pool.query("update watched_products set history_imported_at = '2026-01-01'")
  const rows = await query('select count(*)::integer as rows from price_history')
  expect(rows).toEqual([{ rows: 4 }])
  expect(before).toContain('price_history 4:')
})

test('products without an active watch wait until somebody watches them, and so do those that Keepa does not have', async () => {
  await watch(database.pool, { asin: asin(1) })
  await watch(database.pool, { asin: asin(2) }, 45)
  await watch(database.pool, { asin: asin(3) }, 45)
  await database.pool.query(
    "update watches set status = 'PAUSED' where product_id = (select id from watched_products where asin = $1)",
    [asin(3)],
  )
  const { url, asked } = await keepa(undefined, () => ({ products: [] }))
  expect(await run(url)).toMatchObject({ imported: 0, unknown: 1 })
  await run(url)
  expect(asked.map(({ asins }) => asins)).toEqual([[asin(2)]])
  expect(await query('select keepa_problem from watched_products where keepa_problem is not null')).toEqual([
    { keepa_problem: 'unanswered' },
  ])
})

test('products that are named are imported at once, and no others, also beside a run', async () => {
  for (const number of [1, 2, 3]) await watch(database.pool, { asin: asin(number) }, 45)
  const [named] = await query(`select id from watched_products where asin = '${asin(2)}'`)
  await database.pool.query(
    "insert into producer_runs (producer, run_id, lease_until) values ('history-import', gen_random_uuid(), now() + interval '1 hour')",
  )
  const { url } = await keepa()
  expect(await run(url)).toEqual({ skipped: 'already-running' })
  expect(await run(url, { productIds: [named.id] })).toMatchObject({ imported: 1 })
  expect(await waiting()).toEqual([asin(1), asin(3)])
  await expect(async () => run(url, { productIds: ['x'] })).rejects.toThrow('productIds is ["x"]')
})

test('a malformed history is not imported and no other series stands in; the log names the product', async () => {
  await watch(database.pool, { asin: asin(1) }, 45)
  const csv = csvOf([NOON_MINUTES, 49_99, 1])
  csv[1] = [NOON_MINUTES - DAY, 50_99, NOON_MINUTES, 48_99]
  const { url } = await keepa((one) => keepaProduct(one, 49_99, { csv }))
  const { all, logged } = dependencies(url)
  expect(await runHistoryImport({}, all)).toMatchObject({ sent: 0, withoutPrice: 1 })
  expect(logged).toContainEqual(
    expect.objectContaining({ level: 'ERROR', products: [expect.objectContaining({ asin: asin(1) })] }),
  )
})

test('a product that is sold out is unavailable from the import on, and its past is there', async () => {
  await watch(database.pool, { asin: asin(1) }, 45)
  await run((await keepa(withPast(-1))).url)
  await consume()
  const [product] = await query('select current_price, unavailable_since from watched_products')
  expect(product).toEqual({ current_price: null, unavailable_since: new Date('2026-02-20T12:30:00Z') })
})

test('the past goes back as far as the setting says', async () => {
  await watch(database.pool, { asin: asin(1) }, 45)
  const { url } = await keepa()
  const days = (Date.now() - Date.UTC(2026, 1, 16)) / 86_400_000
  await run(url, {}, { historyYears: days / 365.25 })
  const times = (await sent()).map(eventOf).map(({ timestamp }) => String(timestamp).slice(5, 10))
  expect(times[1]).toBe('02-15')
})

test('without an API key nothing is asked for', async () => {
  await watch(database.pool, { asin: asin(1) }, 45)
  expect(await run('http://127.0.0.1:9', {}, { keepa: async () => undefined })).toEqual({
    skipped: 'no-api-key',
  })
})

test('of the API’s failures a refusal is reported, and the run goes on', async () => {
  for (const number of [1, 2]) await watch(database.pool, { asin: asin(number) }, 45)
  const { url, asked } = await keepa(undefined, () => ({ status: 400 }))
  expect(await run(url)).toMatchObject({
    imported: 0,
    notChecked: [
      { asin: asin(1), code: 'keepa_rejected' },
      { asin: asin(2), code: 'keepa_rejected' },
    ],
  })
  expect(asked).toHaveLength(2)
})

describe('the tokens of a scheduled run', () => {
  test.each([
    ['all above the half', { tokensLeft: 1_000, tokenCapacity: 1_200 }, 0, 400],
    ['a tenth of what comes until the next run, below it', { tokensLeft: 300, tokenCapacity: 1_200 }, 3, 7],
    ['none once it has spent that', { tokensLeft: 300, tokenCapacity: 1_200 }, 10, 0],
  ])('are %s', (_, tokens, spent, left) => {
    expect(affordable(tokens, spent)).toBe(left)
  })
})

test('the price check says once that nothing is offered, and again after the next price', async () => {
  await watch(database.pool, { asin: asin(1) }, 45)
  let minutes = NOON_MINUTES
  const check = async (cents: number) => {
    const { url } = await keepa((one) =>
      keepaProduct(one, cents, { stats: { current: [cents, -1] }, lastUpdate: minutes++ }),
    )
    const { all } = dependencies(url)
    const client: Pick<KeepaClient, 'products'> = keepaOf(url)
    const report = await runPriceCheck({}, { ...all, keepa: client, buyBox: 'off' })
    await consume()
    return 'sent' in report ? [report.sent, report.withoutPrice] : report
  }
  expect(await check(-1)).toEqual([0, 1])
  expect(await check(50_00)).toEqual([1, 0])
  expect(await check(-1)).toEqual([1, 1])
  expect(await query('select unavailable_since from watched_products')).toEqual([
    { unavailable_since: new Date('2026-02-20T12:32:00Z') },
  ])
  expect(await check(-1)).toEqual([0, 1])
  expect(await check(50_00)).toEqual([1, 0])
  expect(await query('select unavailable_since from watched_products')).toEqual([{ unavailable_since: null }])
  expect(await check(-1)).toEqual([1, 1])
})
