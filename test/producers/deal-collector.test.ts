import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { dealConsumer } from '../../lambdas/consumers/deal-consumer/deal-consumer.ts'
import { DealUpdateProducer } from '../../lambdas/core/kafka/deal-update-producer.ts'
import type { RunInput } from '../../lambdas/core/postgres/producer-runs.ts'
import { collectDeals } from '../../lambdas/producers/deal-collector/collect-deals.ts'
import { dealDomains } from '../../lambdas/producers/deal-collector/deal-domains.ts'
import { type Market, startMarket } from '../../local/market/market.ts'
import { quietKafka } from '../core/kafka/sending.ts'
import { consumeRecords } from '../helpers/consuming.ts'
import { type FreshDatabase, freshDatabase } from '../helpers/database.ts'
import { type TestKafka, testKafka } from '../helpers/kafka.ts'
import { checksum } from '../helpers/tables.ts'
import {
  addProducts,
  closeProducers,
  eventsIn,
  inMinutes,
  keepaOf,
  listener,
  recordsOf,
  topicProducer,
} from './producing.ts'

const NOON = Date.parse('2026-02-20T12:30:00Z')
/** Enough for two pages of deals in each marketplace. */
const CATALOGUE = 4_000

let kafka: TestKafka
let database: FreshDatabase
let topic: string
let market: Market
beforeAll(async () => {
  kafka = await testKafka()
})
afterAll(() => kafka.close())
beforeEach(async () => {
  database = await freshDatabase()
  topic = await kafka.freshTopic('deal-updates')
  market = await startMarket({ catalogueSize: CATALOGUE, now: () => NOON })
})
afterEach(async () => {
  await closeProducers()
  await market.close()
  await database.drop()
})

interface Circumstances {
  readonly input?: RunInput
  readonly domains?: readonly string[]
  readonly deadlineMs?: number
  readonly producer?: DealUpdateProducer
}

function collect(circumstances: Circumstances = {}) {
  const { input = {}, domains = ['de'], deadlineMs = inMinutes(10) } = circumstances
  const producer = circumstances.producer ?? new DealUpdateProducer(topicProducer(kafka, topic))
  const keepa = keepaOf(market.url)
  return collectDeals(input, {
    pool: database.pool,
    keepa,
    producer,
    log: listener().log,
    domains,
    deadlineMs,
  })
}

/** A run's number of events. */
async function sentBy(run: ReturnType<typeof collect>): Promise<number> {
  const report = await run
  return 'sent' in report ? report.sent : 0
}

const control = (body: object) =>
  fetch(`${market.url}/control`, { method: 'POST', body: JSON.stringify(body) })

test('sends the contract’s message for each deal, without a key, over all pages', async () => {
  const sent = await sentBy(collect())
  expect(sent).toBeGreaterThan(150)
  expect(market.requests.deal).toBe(Math.floor(sent / 150) + 1)
  const messages = await kafka.readAll(topic)
  expect(messages).toHaveLength(sent)
  expect(messages.every(({ key }) => key === null)).toBe(true)
  expect(new Set(messages.map(({ partition }) => partition)).size).toBe(3)
  const [event] = await eventsIn(kafka, topic)
  expect(Object.keys(event ?? {})).toEqual([
    'asin',
    'product_title',
    'current_price',
    'original_price',
    'discount_percent',
    'rating',
    'review_count',
    'sales_rank',
    'domain',
    'timestamp',
    'event_type',
  ])
  expect(event).toMatchObject({ domain: 'de', timestamp: '2026-02-20T12:30:00Z', event_type: 'deal_update' })
})

test('what it sends the consumer stores, every deal of it, and a second collection adds nothing', async () => {
  const sent = await sentBy(collect())
  const consume = async () =>
    consumeRecords(database.pool, dealConsumer, recordsOf(await kafka.readAll(topic)))
  expect((await consume()).metrics).toMatchObject({ HistoryRowsStored: sent, RecordsRejected: 0 })
  const before = await checksum(database.pool)
  await collect()
  expect((await consume()).metrics).toMatchObject({ HistoryRowsStored: 0, RecordsRejected: 0 })
  expect(await checksum(database.pool)).toBe(before)
})

test('collects from each marketplace', async () => {
  await collect({ domains: ['de', 'com', 'co.uk'] })
  const domains = new Set((await eventsIn(kafka, topic)).map(({ domain }) => domain))
  expect([...domains].toSorted()).toEqual(['co.uk', 'com', 'de'])
})

describe('a plan without deals', () => {
  test('the products that are watched stand in, those that are cheaper than they were', async () => {
    await control({ dealsEnabled: false })
    const known = market.catalogue.entries.filter(({ domain }) => domain === 'de').slice(0, 230)
    await addProducts(
      database.pool,
      known.map(({ asin }) => asin),
    )
    const sent = await sentBy(collect())
    expect(market.requests).toMatchObject({ deal: 1, product: 3 })
    expect(sent).toBeGreaterThan(30)
    expect(sent).toBeLessThan(230)
    for (const event of await eventsIn(kafka, topic))
      expect(Number(event.current_price)).toBeLessThan(Number(event.original_price))
  })

  test('without any product nothing is asked for and nothing said of tokens', async () => {
    await control({ dealsEnabled: false })
    expect(await collect()).toMatchObject({ end: 'finished', sent: 0, notChecked: [], tokensLeft: null })
  })
})

describe('failures', () => {
  test('a marketplace that Keepa refuses is listed, the others go on', async () => {
    market.faults.next(402)
    expect(await collect({ domains: ['de', 'com'] })).toMatchObject({
      end: 'finished',
      notChecked: [{ asin: 'deals', domain: 'de', code: 'keepa_payment', retriable: false }],
    })
    expect((await eventsIn(kafka, topic)).every(({ domain }) => domain === 'com')).toBe(true)
  })

  test('out of tokens it stops, and the next run goes on with the next page', async () => {
    const all = await sentBy(collect())
    await control({ tokensLeft: 1 })
    expect(await collect({ deadlineMs: Date.now() + 30_000 })).toMatchObject({
      end: 'out-of-tokens',
      sent: 150,
    })
    await control({ tokensLeft: 1_000 })
    expect(await sentBy(collect())).toBe(all - 150)
  })

  test('no usable answer stops it, the next run begins there, and passes over what fails twice', async () => {
    market.faults.next(...Array.from({ length: 8 }, () => 500 as const))
    expect(await collect({ domains: ['de', 'com'] })).toMatchObject({
      end: 'keepa-fault',
      sent: 0,
      notChecked: [{ domain: 'de', code: 'keepa_fault', retriable: true }],
    })
    market.faults.next(...Array.from({ length: 8 }, () => 'html' as const))
    expect(await collect({ domains: ['de', 'com'] })).toMatchObject({
      end: 'finished',
      notChecked: [{ domain: 'de' }],
    })
    expect((await eventsIn(kafka, topic)).every(({ domain }) => domain === 'com')).toBe(true)
  })

  test('out of time it stops where it is', async () => {
    expect(await collect({ deadlineMs: Date.now() + 19_000 })).toMatchObject({ end: 'out-of-time', sent: 0 })
    expect(await sentBy(collect())).toBeGreaterThan(150)
  })

  test('broker down: it fails before any token is spent, and its retry goes on', async () => {
    const input = { scheduledTime: '2026-02-20T12:00:00Z' }
    const away = topicProducer(
      (retry) => quietKafka('localhost:1', { retry: { ...retry, retries: 0 } }),
      topic,
    )
    await expect(collect({ input, producer: new DealUpdateProducer(away) })).rejects.toMatchObject({
      code: 'kafka_unreachable',
    })
    expect(market.requests.deal).toBe(0)
    expect(await sentBy(collect({ input }))).toBeGreaterThan(150)
    expect(await collect({ input })).toEqual({ skipped: 'already-done' })
  })

  test('a saved place in a marketplace that is no longer collected from is forgotten', async () => {
    await collect({ deadlineMs: Date.now() + 1_000, domains: ['com'] })
    expect(await sentBy(collect({ domains: ['de'] }))).toBeGreaterThan(150)
  })
})

describe('DEAL_DOMAINS', () => {
  test('names marketplaces, in any case, with blanks, each once', () => {
    expect(dealDomains({ DEAL_DOMAINS: ' DE, com ,,de,co.uk' })).toEqual(['de', 'com', 'co.uk'])
  })

  test.each([
    ['amazon.de', 'environment_invalid', /"amazon\.de".*com, co\.uk, de/],
    ['de;com', 'environment_invalid', /"de;com"/],
    [' ', 'environment_missing', /DEAL_DOMAINS/],
  ])('%p is refused', (value, code, message) => {
    expect(() => dealDomains({ DEAL_DOMAINS: value })).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    )
  })
})
