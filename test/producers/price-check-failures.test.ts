import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { ConfigResourceTypes } from 'kafkajs'
import { KeeperError } from '../../lambdas/core/errors.ts'
import type { PriceObservation } from '../../lambdas/core/events/price-update.ts'
import { PriceUpdateProducer } from '../../lambdas/core/kafka/price-update-producer.ts'
import type { TopicProducer } from '../../lambdas/core/kafka/topic-producer.ts'
import type { RunInput } from '../../lambdas/core/postgres/producer-runs.ts'
import { runPriceCheck } from '../../lambdas/producers/price-check/run-price-check.ts'
import { startMarket } from '../../local/market/market.ts'
import { quietKafka } from '../core/kafka/sending.ts'
import { type FreshDatabase, freshDatabase } from '../helpers/database.ts'
import { type TestKafka, testKafka } from '../helpers/kafka.ts'
import {
  addProducts,
  asin,
  asinsOf,
  closeProducers,
  eventsIn,
  inMinutes,
  keepaOf,
  listener,
  topicProducer,
} from './producing.ts'
import { everythingCosts, keepaProduct, scriptedKeepa } from './scripted-keepa.ts'

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
  // Three pages.
  await addProducts(
    database.pool,
    Array.from({ length: 250 }, (_, number) => asin(number)),
  )
})
afterEach(async () => {
  await closeProducers()
  await Promise.all(closing.splice(0).map((close) => close()))
  await database.drop()
})

interface Circumstances {
  readonly input?: RunInput
  readonly deadlineMs?: number
  readonly producer?: PriceUpdateProducer
}

function checkLogged(keepaUrl: string, circumstances: Circumstances = {}) {
  const { input = {}, deadlineMs = inMinutes(10) } = circumstances
  const producer = circumstances.producer ?? new PriceUpdateProducer(topicProducer(kafka, topic))
  const { log, logged } = listener()
  const dependencies = { pool: database.pool, keepa: keepaOf(keepaUrl), producer, log, deadlineMs }
  return { report: runPriceCheck(input, dependencies), logged }
}

const check = (keepaUrl: string, circumstances?: Circumstances) => checkLogged(keepaUrl, circumstances).report

async function keepa(...script: Parameters<typeof scriptedKeepa>) {
  const server = await scriptedKeepa(...script)
  closing.push(server.close)
  return server
}

const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => asin(from + index))
const sentSoFar = async () => asinsOf(await eventsIn(kafka, topic))
const NOON = { scheduledTime: '2026-02-20T12:00:00Z' }

describe('Keepa that fails', () => {
  test.each([400, 402, 404, 405])(
    '%i: the page is listed as not checked, the others go on',
    async (status) => {
      const { url } = await keepa((asked, count) => (count === 2 ? { status } : everythingCosts(5_00)(asked)))
      const report = await check(url)
      expect(report).toMatchObject({ end: 'finished', sent: 150 })
      expect('notChecked' in report && report.notChecked.map(({ asin }) => asin)).toEqual(rows(100, 200))
      expect(await sentSoFar()).toEqual([...rows(0, 100), ...rows(200, 250)])
    },
  )

  test('429 and too little time: the run stops, and the next one sends the rest and only the rest', async () => {
    const market = await startMarket({ tokens: { capacity: 150, refillPerMinute: 1 } })
    closing.push(market.close)
    // The market answers for its own ASINs; what is counted is what was asked for.
    expect(await check(market.url, { input: NOON, deadlineMs: inMinutes(1) })).toMatchObject({
      end: 'out-of-tokens',
      unknown: 200,
      notChecked: [],
    })
    const { url, asked } = await keepa()
    expect(await check(url, { input: NOON })).toMatchObject({ end: 'finished', sent: 50 })
    expect(asked).toHaveLength(1)
    expect(await sentSoFar()).toEqual(rows(200, 250))
  })

  test('429: the pass is resumed until it is complete, for its own time, and then nothing is asked any more', async () => {
    let tokens = 1
    const { url, asked } = await keepa((question) => {
      tokens -= 1
      return tokens < 0 ? { status: 429 } : everythingCosts(5_00)(question)
    })
    const ends: unknown[] = []
    for (const input of [NOON, { resume: true }, { resume: true }]) {
      const report = await check(url, { input, deadlineMs: inMinutes(0.5) })
      ends.push('end' in report && [report.end, report.sent])
      tokens = 1
    }
    expect(ends).toEqual([
      ['out-of-tokens', 100],
      ['out-of-tokens', 100],
      ['finished', 50],
    ])
    expect(await sentSoFar()).toEqual(rows(0, 250))
    const questions = asked.length
    expect(await check(url, { input: { resume: true } })).toEqual({ skipped: 'nothing-to-resume' })
    expect(await check(url, { input: NOON })).toEqual({ skipped: 'already-done' })
    expect(asked).toHaveLength(questions)
  })

  test('no usable answer: the run stops with the page listed, and the next one begins with it', async () => {
    const { url } = await keepa((asked, count) =>
      count >= 2 ? { status: 500 } : everythingCosts(5_00)(asked),
    )
    const report = await check(url)
    expect(report).toMatchObject({ end: 'keepa-fault', sent: 100 })
    expect('notChecked' in report && report.notChecked).toHaveLength(100)
    const healthy = await keepa()
    expect(await check(healthy.url)).toMatchObject({ end: 'finished', sent: 150 })
    expect(await sentSoFar()).toEqual(rows(0, 250))
  })

  test('a page that Keepa fails on run after run does not keep the others from being checked', async () => {
    const { url } = await keepa((asked) =>
      asked.asins.includes(asin(0)) ? { status: 500 } : everythingCosts(5_00)(asked),
    )
    expect(await check(url)).toMatchObject({ end: 'keepa-fault', sent: 0 })
    const second = await check(url)
    expect(second).toMatchObject({ end: 'finished', sent: 150 })
    expect('notChecked' in second && second.notChecked).toHaveLength(100)
    expect(await check(url)).toMatchObject({ end: 'keepa-fault', sent: 0 })
  })
})

describe('runs', () => {
  test('out of time a run stops, and the next one goes on', async () => {
    const { url } = await keepa()
    expect(await check(url, { deadlineMs: Date.now() + 19_000 })).toMatchObject({
      end: 'out-of-time',
      sent: 0,
    })
    expect(await check(url)).toMatchObject({ end: 'finished', sent: 250 })
  })

  test('after the last page the next run begins at the first', async () => {
    const { url } = await keepa()
    await check(url)
    expect(await check(url)).toMatchObject({ end: 'finished', sent: 250 })
  })

  test('a schedule that fires twice spends its tokens once', async () => {
    const { url, asked } = await keepa()
    expect(await check(url, { input: NOON })).toMatchObject({ sent: 250 })
    expect(await check(url, { input: NOON })).toEqual({ skipped: 'already-done' })
    expect(asked).toHaveLength(3)
    expect(await check(url, { input: { scheduledTime: '2026-02-20T18:00:00Z' } })).toMatchObject({
      sent: 250,
    })
  })

  test('of two runs at once the second is skipped and spends no tokens', async () => {
    let second: unknown
    const { url, asked } = await keepa(async (question, count) => {
      if (count === 1) second = await check('http://127.0.0.1:1', { input: NOON })
      return everythingCosts(5_00)(question)
    })
    expect(await check(url, { input: NOON })).toMatchObject({ sent: 250 })
    expect(second).toEqual({ skipped: 'already-running' })
    expect(asked).toHaveLength(3)
  })

  test('a run that failed on the database frees its place for the retry, which goes on where it was', async () => {
    const { url } = await keepa(async (asked, count) => {
      if (count === 2) await database.pool.query('alter table watches rename to watches_away')
      return everythingCosts(5_00)(asked)
    })
    await expect(check(url, { input: NOON })).rejects.toMatchObject({ code: '42P01' })
    await database.pool.query('alter table watches_away rename to watches')
    expect(await check((await keepa()).url, { input: NOON })).toMatchObject({ end: 'finished', sent: 50 })
    expect(await sentSoFar()).toEqual(rows(0, 250))
  })
})

/** Fails for the ASINs that the test says, as the topic's producer would. */
class Failing extends PriceUpdateProducer {
  readonly failing: Set<string>
  constructor(topic: TopicProducer, failing: readonly string[]) {
    super(topic)
    this.failing = new Set(failing)
  }
  override async sendPriceUpdate(price: PriceObservation) {
    if (!this.failing.has(price.asin)) return super.sendPriceUpdate(price)
    throw new KeeperError('kafka_not_acknowledged', 'no', { retriable: true })
  }
}

describe('Kafka that fails', () => {
  test('broker down: every product is listed as not sent, no token is spent, and the retry of the run sends all', async () => {
    const { url, asked } = await keepa()
    const away = topicProducer(
      (retry) => quietKafka('localhost:1', { retry: { ...retry, retries: 0 } }),
      topic,
    )
    const { report, logged } = checkLogged(url, { input: NOON, producer: new PriceUpdateProducer(away) })
    const { end, sent, notSent } = (await report) as Exclude<Awaited<typeof report>, { skipped: string }>
    expect({ end, sent }).toEqual({ end: 'finished', sent: 0 })
    expect(notSent.map(({ asin }) => asin)).toEqual(rows(0, 250))
    expect(notSent[0]).toEqual({ asin: asin(0), domain: 'de', code: 'kafka_unreachable', retriable: true })
    expect(asked).toEqual([])
    expect(logged.filter(({ level }) => level === 'ERROR')).toHaveLength(3)

    expect(await check(url, { input: NOON })).toMatchObject({ sent: 250, notSent: [] })
    expect(await sentSoFar()).toEqual(rows(0, 250))
  })

  test('broker down for several runs: the pass is resumed where it began, for as long as that costs no token', async () => {
    const { url, asked } = await keepa()
    const retries = (retry: object) => quietKafka('localhost:1', { retry: { ...retry, retries: 0 } })
    for (const input of [NOON, { resume: true }, { resume: true }]) {
      const producer = new PriceUpdateProducer(topicProducer(retries, topic))
      expect(await check(url, { input, producer })).toMatchObject({ end: 'finished', sent: 0 })
    }
    expect(asked).toEqual([])
    expect(await check(url, { input: { resume: true } })).toMatchObject({ sent: 250, notSent: [] })
  })

  test('a message that Kafka refuses for good is listed, the run goes on, and it is not asked for again', async () => {
    const configEntries = [{ name: 'max.message.bytes', value: '1500' }]
    await kafka.admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }],
    })
    const { url } = await keepa(({ asins }) => ({
      products: asins.map((one) =>
        keepaProduct(one, 5_00, one === asin(150) ? { title: '€'.repeat(500) } : {}),
      ),
    }))
    expect(await check(url, { input: NOON })).toMatchObject({
      end: 'finished',
      sent: 249,
      notSent: [{ asin: asin(150), domain: 'de', code: 'kafka_message_too_large', retriable: false }],
    })
    expect(await sentSoFar()).toEqual(rows(0, 250).filter((one) => one !== asin(150)))
    expect(await check(url, { input: NOON })).toEqual({ skipped: 'already-done' })
  })

  test('an event that Kafka did not take is listed, the run goes on, and the next run begins at its page', async () => {
    const { url, asked } = await keepa()
    const failing = new Failing(topicProducer(kafka, topic), [asin(120)])
    expect(await check(url, { input: NOON, producer: failing })).toMatchObject({
      end: 'finished',
      sent: 249,
      notSent: [{ asin: asin(120), code: 'kafka_not_acknowledged' }],
    })
    expect(await check(url, { input: NOON })).toMatchObject({ sent: 150, notSent: [] })
    expect(asked).toHaveLength(5)
    expect(new Set(await sentSoFar())).toEqual(new Set(rows(0, 250)))
  })

  test('where an event fails run after run, the pages before it are checked every other run', async () => {
    const { url } = await keepa()
    const failing = new Failing(topicProducer(kafka, topic), [asin(120)])
    const sent: unknown[] = []
    for (let run = 0; run < 4; run++) {
      const report = await check(url, { producer: failing })
      sent.push('sent' in report && report.sent)
    }
    expect(sent).toEqual([249, 149, 249, 149])
  })
})
