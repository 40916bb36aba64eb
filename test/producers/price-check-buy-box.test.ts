import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { PriceUpdateProducer } from '../../lambdas/core/kafka/price-update-producer.ts'
import { runPriceCheck } from '../../lambdas/producers/price-check/run-price-check.ts'
import { startMarket } from '../../local/market/market.ts'
import { type FreshDatabase, freshDatabase } from '../helpers/database.ts'
import { type TestKafka, testKafka } from '../helpers/kafka.ts'
import {
  addProducts,
  asin,
  closeProducers,
  eventsIn,
  inMinutes,
  keepaOf,
  listener,
  topicProducer,
} from './producing.ts'
import { type KeepaAnswer, keepaProduct, scriptedKeepa } from './scripted-keepa.ts'

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

async function check(keepaUrl: string, changes: { buyBox?: 'on' | 'off'; deadlineMs?: number } = {}) {
  const { log, logged } = listener()
  const producer = new PriceUpdateProducer(topicProducer(kafka, topic))
  const dependencies = {
    pool: database.pool,
    keepa: keepaOf(keepaUrl),
    producer,
    log,
    deadlineMs: inMinutes(10),
  }
  return { report: await runPriceCheck({}, { ...dependencies, ...changes }), logged }
}

const current = (values: Readonly<Record<number, number>>) =>
  Array.from({ length: 36 }, (_, type) => values[type] ?? -1)

/** X...1 is Amazon's own for 19.99; X...2 is not: 18.89 from others, 14.99 in the buy box, where it is asked for. */
function twoProducts({ amazonSellsBoth = false, changes = {} } = {}) {
  return ({ asins, buyBox }: { asins: readonly string[]; buyBox: boolean }): KeepaAnswer => ({
    products: asins.map((one) => {
      if (one === asin(1) || amazonSellsBoth) return keepaProduct(one, 19_99)
      const stats = { current: current({ 1: 18_89, 18: buyBox ? 14_99 : -1 }) }
      return keepaProduct(one, -1, { stats, ...changes })
    }),
  })
}

async function keepa(...options: Parameters<typeof twoProducts>) {
  const server = await scriptedKeepa(twoProducts(...options))
  closing.push(server.close)
  const { url, asked } = server
  return { url, questions: () => asked.splice(0).map(({ asins, buyBox }) => ({ asins, buyBox })) }
}

const pricesSent = async () =>
  (await eventsIn(kafka, topic)).map((event) => [event.asin, event.current_price])

const PLAIN = { asins: [asin(1)], buyBox: false }
const BOTH_PLAIN = { asins: [asin(1), asin(2)], buyBox: false }
const WITH_BUY_BOX = { asins: [asin(2)], buyBox: true }

test('the buy box is asked for where Amazon has no offer, in the same pass, and its price is sent', async () => {
  await addProducts(database.pool, [asin(1), asin(2)])
  const { url, questions } = await keepa()
  expect((await check(url)).report).toMatchObject({
    end: 'finished',
    sent: 2,
    withoutPrice: 0,
    notFollowed: 0,
  })
  expect(questions()).toEqual([BOTH_PLAIN, WITH_BUY_BOX])
  expect(await pricesSent()).toEqual([
    [asin(1), 19.99],
    [asin(2), 14.99],
  ])
})

test('the next pass asks for it from the start, and for each product once', async () => {
  await addProducts(database.pool, [asin(1), asin(2)])
  const { url, questions } = await keepa()
  await check(url)
  questions()
  await check(url)
  expect(questions()).toEqual([PLAIN, WITH_BUY_BOX])
})

test('once Amazon sells a product again, its buy box is asked for no longer', async () => {
  await addProducts(database.pool, [asin(1), asin(2)])
  await check((await keepa()).url)
  const { url, questions } = await keepa({ amazonSellsBoth: true })
  expect((await check(url)).report).toMatchObject({ sent: 2 })
  expect(questions()).toEqual([PLAIN, WITH_BUY_BOX])
  await check(url)
  expect(questions()).toEqual([BOTH_PLAIN])
})

test('switched off it is never asked for, and the price is that of the other offers', async () => {
  await addProducts(database.pool, [asin(1), asin(2)])
  const { url, questions } = await keepa()
  expect((await check(url, { buyBox: 'off' })).report).toMatchObject({ sent: 2 })
  expect(questions()).toEqual([BOTH_PLAIN])
  await check(url)
  questions()
  await check(url, { buyBox: 'off' })
  expect(questions()).toEqual([PLAIN, { ...WITH_BUY_BOX, buyBox: false }])
  expect((await pricesSent()).filter(([one]) => one === asin(2)).map(([, price]) => price)).toEqual([
    18.89, 14.99, 18.89,
  ])
})

test.each([
  ['a download, of which Keepa has no other offers', { productType: 1 }],
  ['an e-book', { productType: 2 }],
  ['a parent of variations', { productType: 5 }],
])('it is not asked for of %s', async (_what, changes) => {
  await addProducts(database.pool, [asin(2)])
  const { url, questions } = await keepa({ changes })
  await check(url)
  expect(questions()).toHaveLength(1)
})

test('the log says whose offer each price is', async () => {
  await addProducts(database.pool, [asin(1), asin(2)])
  const { logged } = await check((await keepa()).url)
  const found = logged.filter(({ message }) => message === 'prices found')
  expect(found).toMatchObject([
    { domain: 'de', amazon: 1, offers: {} },
    { domain: 'de', amazon: 0, offers: { [asin(2)]: 'buy-box' } },
  ])
})

test('the market is paid one token a product, and three where the buy box is asked for', async () => {
  const market = await startMarket({ catalogueSize: 300, tokens: { capacity: 1_000, refillPerMinute: 1 } })
  closing.push(market.close)
  const entries = market.catalogue.entries.filter(({ domain }) => domain === 'de')
  await addProducts(
    database.pool,
    entries.map((entry) => entry.asin),
  )
  const others = entries.filter(({ offer }) => offer !== 'amazon' && offer !== 'e-book').length
  expect(others).toBeGreaterThan(10)
  const left = async () => {
    const { report } = await check(market.url)
    return 'tokensLeft' in report ? (report.tokensLeft ?? 0) : 0
  }
  const afterFirst = await left()
  expect(1_000 - afterFirst).toBe(100 + 3 * others)
  expect(afterFirst - (await left())).toBe(100 + 2 * others)
})

test('a pass that runs out of tokens before the buy box resumes there, and pays for nothing twice', async () => {
  await addProducts(database.pool, [asin(1), asin(2)])
  let isEmpty = true
  const server = await scriptedKeepa((asked) =>
    asked.buyBox && isEmpty ? { status: 429 } : twoProducts()(asked),
  )
  closing.push(server.close)
  expect((await check(server.url, { deadlineMs: inMinutes(0.5) })).report).toMatchObject({
    end: 'out-of-tokens',
    sent: 1,
  })
  isEmpty = false
  server.asked.splice(0)
  expect((await check(server.url)).report).toMatchObject({ end: 'finished', sent: 1 })
  expect(server.asked.map(({ asins, buyBox }) => ({ asins, buyBox }))).toEqual([WITH_BUY_BOX])
})
