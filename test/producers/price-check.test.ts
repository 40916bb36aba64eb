import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { priceConsumer } from '../../lambdas/consumers/price-consumer/price-consumer.ts'
import { PriceUpdateProducer } from '../../lambdas/core/kafka/price-update-producer.ts'
import type { RunInput } from '../../lambdas/core/postgres/producer-runs.ts'
import { runPriceCheck } from '../../lambdas/producers/price-check/run-price-check.ts'
import { type Market, startMarket } from '../../local/market/market.ts'
import { consumeRecords } from '../helpers/consuming.ts'
import { type FreshDatabase, freshDatabase } from '../helpers/database.ts'
import { type TestKafka, testKafka } from '../helpers/kafka.ts'
import { checksum, watch } from '../helpers/tables.ts'
import {
  addProducts,
  asin,
  asinsOf,
  closeProducers,
  eventsIn,
  inMinutes,
  keepaOf,
  listener,
  recordsOf,
  topicProducer,
} from './producing.ts'
import { keepaProduct, NOON_MINUTES, scriptedKeepa } from './scripted-keepa.ts'

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

function check(keepaUrl: string, input: RunInput = {}, deadlineMs = inMinutes(10)) {
  const { pool } = database
  const producer = new PriceUpdateProducer(topicProducer(kafka, topic))
  return runPriceCheck(input, { pool, keepa: keepaOf(keepaUrl), producer, log: listener().log, deadlineMs })
}

async function keepa(...script: Parameters<typeof scriptedKeepa>) {
  const server = await scriptedKeepa(...script)
  closing.push(server.close)
  return server
}

async function market(...options: Parameters<typeof startMarket>): Promise<Market> {
  const opened = await startMarket(...options)
  closing.push(opened.close)
  return opened
}

test('sends the contract’s message for a watched product, keyed by its ASIN', async () => {
  await watch(database.pool, {}, 45, 52.5, null, 0)
  await database.pool.query('update watches set status = $1 where target_price = 52.5', ['PAUSED'])
  await database.pool.query('update watched_products set current_price = 59.99')
  const { url } = await keepa(() => ({
    products: [keepaProduct('B07W6JN8V8', 49_99, { title: 'Logitech K380' })],
  }))
  expect(await check(url)).toEqual({
    end: 'finished',
    sent: 1,
    notSent: [],
    notChecked: [],
    withoutPrice: 0,
    unknown: 0,
    notFollowed: 0,
    tokensLeft: 500,
  })
  const [message] = await kafka.readAll(topic)
  expect(message?.key?.toString()).toBe('B07W6JN8V8')
  expect(message?.value?.toString()).toBe(
    '{"asin":"B07W6JN8V8","product_title":"Logitech K380","current_price":49.99,"target_price":45,' +
      '"previous_price":59.99,"price_change":16.67,"domain":"de","currency":"EUR",' +
      '"timestamp":"2026-02-20T12:30:00Z","event_type":"price_update"}',
  )
})

test('says nothing of a target or a previous price where there is none', async () => {
  await watch(database.pool, {}, null, 0)
  const { url } = await keepa()
  await check(url)
  expect(await eventsIn(kafka, topic)).toMatchObject([
    { target_price: null, previous_price: null, price_change: 0 },
  ])
})

test('a rise in price is a negative change', async () => {
  await watch(database.pool, {}, 45)
  await database.pool.query('update watched_products set current_price = 15')
  const { url } = await keepa()
  await check(url)
  expect(await eventsIn(kafka, topic)).toMatchObject([{ current_price: 19.99, price_change: -33.27 }])
})

test('sends one event for each product of the market that has a price, over several marketplaces', async () => {
  const { url, catalogue, requests } = await market({ catalogueSize: 420 })
  for (const domain of ['de', 'com', 'co.uk']) {
    const asins = catalogue.entries.filter((entry) => entry.domain === domain).map((entry) => entry.asin)
    await addProducts(database.pool, asins, domain)
  }
  const priceless = catalogue.entries.filter(({ offer }) =>
    ['out-of-stock', 'never-offered', 'e-book'].includes(offer),
  ).length
  expect(await check(url)).toMatchObject({
    end: 'finished',
    sent: 420 - priceless,
    withoutPrice: priceless,
    unknown: 0,
  })
  // 140 products a marketplace, up to 100 a call; a third call for those that Amazon does not offer itself.
  expect(requests.product).toBe(9)
  const events = await eventsIn(kafka, topic)
  expect(events).toHaveLength(420 - priceless)
  expect(new Set(asinsOf(events)).size).toBe(420 - priceless)
  const currencies = new Set(events.map(({ domain, currency }) => `${domain} ${currency}`))
  expect([...currencies].toSorted()).toEqual(['co.uk GBP', 'com USD', 'de EUR'])
})

test('the currency is the marketplace’s, whatever a script wrote into the table', async () => {
  await watch(database.pool, { currency: 'USD' }, 45)
  const { url } = await keepa()
  await check(url)
  expect(await eventsIn(kafka, topic)).toMatchObject([{ domain: 'de', currency: 'EUR' }])
})

test('counts products without a price and products that Keepa does not know, and sends nothing for them', async () => {
  await addProducts(database.pool, [asin(1), asin(2), asin(3), asin(4)])
  const { url } = await keepa(() => ({
    products: [keepaProduct(asin(1), -1), keepaProduct(asin(2), 0), keepaProduct(asin(4), 5_00)],
  }))
  expect(await check(url)).toMatchObject({ sent: 1, withoutPrice: 2, unknown: 1 })
  expect(asinsOf(await eventsIn(kafka, topic))).toEqual([asin(4)])
})

test('matches answers by ASIN: shuffled, doubled, missing or never asked for', async () => {
  await addProducts(database.pool, [asin(1), asin(2), asin(3)])
  const { url } = await keepa(() => ({
    products: [
      keepaProduct(asin(3), 3_00),
      keepaProduct(asin(1), 9_00, { lastUpdate: NOON_MINUTES - 60 }),
      keepaProduct(asin(9), 9_00),
      keepaProduct(asin(1), 1_00),
    ],
  }))
  expect(await check(url)).toMatchObject({ sent: 2, unknown: 1 })
  expect(await eventsIn(kafka, topic)).toMatchObject([
    { asin: asin(1), current_price: 1 },
    { asin: asin(3), current_price: 3 },
  ])
})

test('a product that only a deal made is checked once somebody watches it', async () => {
  await watch(database.pool, { asin: asin(1) })
  await database.pool.query('update watched_products set added_by = $1', ['deal'])
  const { url, asked } = await keepa()
  expect(await check(url)).toMatchObject({ sent: 0 })
  expect(asked).toEqual([])
  await watch(database.pool, { asin: asin(1) }, 45)
  expect(await check(url)).toMatchObject({ sent: 1 })
})

test('a title of 1 MB is cut and its price sent', async () => {
  await watch(database.pool, {}, 45)
  const { url } = await keepa(() => ({
    products: [keepaProduct('B07W6JN8V8', 5_00, { title: '\u{1F600}'.repeat(500_000) })],
  }))
  expect(await check(url)).toMatchObject({ sent: 1 })
  const [event] = await eventsIn(kafka, topic)
  expect([...String(event?.product_title)]).toHaveLength(500)
})

test('without products a run is over at once', async () => {
  const { url, asked } = await keepa()
  expect(await check(url)).toMatchObject({ end: 'finished', sent: 0, tokensLeft: null })
  expect(asked).toEqual([])
})

test('a second run with the same prices adds no history row and no alert', async () => {
  const { url, catalogue } = await market({
    catalogueSize: 60,
    now: () => Date.parse('2026-02-20T12:30:20Z'),
  })
  for (const { asin, domain, marketplace } of catalogue.entries)
    await watch(database.pool, { asin, domain, currency: marketplace.currency }, 100_000)
  const consume = async () =>
    consumeRecords(database.pool, priceConsumer, recordsOf(await kafka.readAll(topic)))
  const first = await check(url)
  const { metrics } = await consume()
  expect(metrics.HistoryRowsStored).toBe('sent' in first && first.sent)
  expect(metrics).toMatchObject({ RecordsRejected: 0, RecordsUnwatched: 0, KeyMismatches: 0 })
  const before = await checksum(database.pool)
  await check(url)
  expect((await consume()).metrics).toMatchObject({ HistoryRowsStored: 0, AlertsRaised: 0 })
  expect(await checksum(database.pool)).toBe(before)
})
