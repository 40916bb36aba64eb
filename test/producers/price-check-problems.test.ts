import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { PriceUpdateProducer } from '../../lambdas/core/kafka/price-update-producer.ts'
import { rememberAnswers } from '../../lambdas/core/watched/remember-answers.ts'
import { runPriceCheck } from '../../lambdas/producers/price-check/run-price-check.ts'
import { nextPage } from '../../lambdas/producers/price-check/watched-page.ts'
import { type FreshDatabase, freshDatabase } from '../helpers/database.ts'
import { type TestKafka, testKafka } from '../helpers/kafka.ts'
import {
  addProducts,
  asin,
  closeProducers,
  inMinutes,
  keepaOf,
  listener,
  topicProducer,
} from './producing.ts'
import {
  type Asked,
  everythingCosts,
  type KeepaAnswer,
  keepaProduct,
  scriptedKeepa,
} from './scripted-keepa.ts'

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

/** A pass in which Keepa answers like this. */
async function check(answer: (asked: Asked) => KeepaAnswer = everythingCosts(19_99)) {
  const server = await scriptedKeepa(answer)
  closing.push(server.close)
  const { log, logged } = listener()
  const producer = new PriceUpdateProducer(topicProducer(kafka, topic))
  const keepa = keepaOf(server.url)
  const dependencies = { pool: database.pool, keepa, producer, log, deadlineMs: inMinutes(10) }
  const report = await runPriceCheck({}, dependencies)
  return { report, warned: logged.filter(({ level }) => level !== 'INFO'), asked: server.asked }
}

const problems = async () => {
  const { rows } = await database.pool.query(
    'select asin, keepa_problem, redirected_to, keepa_problem_since is not null as since from watched_products order by asin',
  )
  return rows.map((row) => Object.values(row))
}
const since = async () =>
  (await database.pool.query('select keepa_problem_since as since from watched_products')).rows[0]?.since

test('a product that Keepa leaves out is marked, counted at every pass and named in the log once', async () => {
  await addProducts(database.pool, [asin(1), asin(2)])
  const only = (one: string) => () => ({ products: [keepaProduct(one, 5_00)] })
  const first = await check(only(asin(1)))
  expect(first.report).toMatchObject({ end: 'finished', sent: 1, unknown: 1, notFollowed: 1 })
  expect(first.warned).toMatchObject([{ domain: 'de', products: [{ asin: asin(2), problem: 'unanswered' }] }])
  expect(await problems()).toEqual([
    [asin(1), null, null, false],
    [asin(2), 'unanswered', null, true],
  ])
  const second = await check(only(asin(1)))
  expect(second.report).toMatchObject({ notFollowed: 1 })
  expect(second.warned).toEqual([])
})

test('an ASIN that is answered with another is marked as redirected, with the other', async () => {
  await addProducts(database.pool, [asin(1), asin(2)])
  const { report, warned } = await check(() => ({
    products: [keepaProduct(asin(1), 5_00), keepaProduct(asin(9), 7_00)],
  }))
  expect(report).toMatchObject({ sent: 1, unknown: 1, notFollowed: 1 })
  expect(warned).toMatchObject([
    { products: [{ asin: asin(2), problem: 'redirected', redirectedTo: asin(9) }] },
  ])
  expect((await problems())[1]).toEqual([asin(2), 'redirected', asin(9), true])
})

test('where several are missing, no ASIN is guessed: the log has those that came unasked', async () => {
  await addProducts(database.pool, [asin(1), asin(2)])
  const { warned } = await check(() => ({ products: [keepaProduct(asin(9), 7_00)] }))
  expect(warned).toMatchObject([{ unasked: [asin(9)] }])
  expect(await problems()).toEqual([
    [asin(1), 'unanswered', null, true],
    [asin(2), 'unanswered', null, true],
  ])
})

test.each([
  ['redirected', { isRedirectASIN: true, stats: { current: [-1] } }],
  ['e-book', { productType: 2 }],
  ['inaccessible', { productType: 3 }],
  ['invalid', { productType: 4 }],
  ['variation-parent', { productType: 5 }],
])('a product that Keepa answers as %s is marked as that', async (problem, changes) => {
  await addProducts(database.pool, [asin(1)])
  const { report } = await check(() => ({ products: [keepaProduct(asin(1), 5_00, changes)] }))
  expect(report).toMatchObject({ sent: 0, withoutPrice: 1, notFollowed: 1 })
  expect(await problems()).toEqual([[asin(1), problem, null, true]])
})

test('a problem keeps its time while it lasts, and is gone with the next price', async () => {
  await addProducts(database.pool, [asin(1)])
  const none = () => ({ products: [] })
  await check(none)
  const first = await since()
  await check(none)
  expect(await since()).toEqual(first)
  expect((await check()).report).toMatchObject({ sent: 1, notFollowed: 0 })
  expect(await problems()).toEqual([[asin(1), null, null, false]])
})

test('a sold-out product has no problem', async () => {
  await addProducts(database.pool, [asin(1)])
  const { report, warned } = await check(() => ({ products: [keepaProduct(asin(1), -1)] }))
  expect(report).toMatchObject({ withoutPrice: 1, notFollowed: 0 })
  expect(warned).toEqual([])
})

test('marks lock their rows in the order of the consumers, so that neither waits for the other in a ring', async () => {
  // Their places in the table are the other way round.
  await addProducts(database.pool, [asin(2), asin(1)])
  const { products = [] } = (await nextPage(database.pool, { domain: 'de', asin: '' })) ?? {}
  const changed = products.toReversed().map((watched) => ({
    watched,
    asksBuyBox: true,
    problem: null,
    redirectedTo: null,
  }))
  const consumer = await database.pool.connect()
  const lock = (one: string) =>
    consumer.query('select from watched_products where asin = $1 for update nowait', [one])
  await consumer.query('begin')
  await lock(asin(1))
  const marked = rememberAnswers(database.pool, changed)
  const waiting = `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`
  while ((await database.pool.query(waiting)).rowCount === 0) await sleep(5)
  await lock(asin(2))
  await consumer.query('commit')
  consumer.release()
  await marked
})

test('rows of no marketplace, from before the table refused them, are named, cost no token and fail no run', async () => {
  const constraint = 'watched_products_domain_is_a_marketplace'
  await database.pool.query(`alter table watched_products drop constraint ${constraint}`)
  await addProducts(database.pool, [asin(1)], 'DE')
  await addProducts(database.pool, [asin(2)], 'pl')
  await addProducts(database.pool, [asin(3)], 'de')
  await database.pool.query(
    `alter table watched_products add constraint ${constraint} check (domain in ('de')) not valid`,
  )
  const { report, warned, asked } = await check()
  expect(report).toMatchObject({ end: 'finished', sent: 1, notChecked: [], unknown: 2, notFollowed: 2 })
  expect(warned).toMatchObject([
    { level: 'ERROR', rows: [{ asin: asin(1), domain: 'DE' }] },
    { level: 'ERROR', rows: [{ asin: asin(2), domain: 'pl' }] },
  ])
  expect(asked).toHaveLength(1)
})

test('a row whose ASIN is malformed, from before the table refused it, is marked and fails no run', async () => {
  await database.pool.query(
    'alter table watched_products disable trigger watched_products_asin_is_well_formed',
  )
  await addProducts(database.pool, [asin(1).toLowerCase(), asin(2)])
  await database.pool.query(
    'alter table watched_products enable trigger watched_products_asin_is_well_formed',
  )
  expect((await check()).report).toMatchObject({ end: 'finished', sent: 1, unknown: 1, notFollowed: 1 })
  expect(await problems()).toContainEqual([asin(1).toLowerCase(), 'unanswered', null, true])
})
