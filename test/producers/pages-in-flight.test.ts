import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { KeeperError } from '../../lambdas/core/errors.ts'
import type { PriceObservation } from '../../lambdas/core/events/price-update.ts'
import { PriceUpdateProducer } from '../../lambdas/core/kafka/price-update-producer.ts'
import type { ProductKey } from '../../lambdas/core/prices/watched-products.ts'
import type { RunStep } from '../../lambdas/core/producing/run-report.ts'
import type { SendReport } from '../../lambdas/core/producing/send-all.ts'
import { PagesInFlight } from '../../lambdas/producers/price-check/pages-in-flight.ts'
import { runPriceCheck } from '../../lambdas/producers/price-check/run-price-check.ts'
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
import { scriptedKeepa } from './scripted-keepa.ts'

const key = (number: number): ProductKey => ({ domain: 'de', asin: asin(number) })
const lost = (number: number): SendReport => ({
  sent: 0,
  notSent: [{ ...key(number), code: 'kafka_unreachable', retriable: true }],
})

/** Until all that could go on has gone on. */
const settled = () => sleep(5)

/** Pages of a run from the beginning, of one product each, and the cursors that were saved. */
function pagesOf(save: (cursor: ProductKey) => Promise<void> = async () => undefined) {
  const saved: ProductKey[] = []
  const ends = { pause: async () => undefined, finish: async () => undefined }
  const pages = new PagesInFlight({
    ...ends,
    cursor: null,
    save: (cursor) => {
      saved.push(cursor)
      return save(cursor)
    },
  })
  const add = (number: number, step: RunStep = {}) => {
    const { promise, resolve } = Promise.withResolvers<SendReport>()
    pages.add({ after: key(number - 1), through: key(number), step, sending: promise })
    return resolve
  }
  return { pages, saved, add }
}

describe('pages', () => {
  test('one whose events are acknowledged early is concluded after those before it', async () => {
    const { pages, saved, add } = pagesOf()
    const first = add(1, { unknown: 1 })
    add(2)({ sent: 10, notSent: [] })
    await settled()
    expect(saved).toEqual([])
    expect(pages.report.sent).toBe(0)
    first({ sent: 1, notSent: [] })
    await pages.concluded()
    expect(pages.report).toMatchObject({ sent: 11, unknown: 1 })
    expect(saved.at(-1)).toEqual(key(2))
  })

  test('while a cursor is being saved others wait, and only the last of them is saved', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { pages, saved, add } = pagesOf(() => promise)
    for (const number of [1, 2, 3, 4]) add(number)({ sent: 1, notSent: [] })
    await settled()
    expect(saved).toEqual([key(1)])
    resolve()
    await pages.concluded()
    expect(saved).toEqual([key(1), key(4)])
  })

  test('there is room for four', async () => {
    const { pages, add } = pagesOf()
    const first = add(1)
    for (const number of [2, 3]) add(number)
    await pages.room()
    add(4)
    let hasRoom = false
    const room = pages.room().then(() => {
      hasRoom = true
    })
    await settled()
    expect(hasRoom).toBe(false)
    first({ sent: 1, notSent: [] })
    await room
  })

  test('the next run begins before the first that was not sent whole, in the pages’ order', async () => {
    const { pages, add } = pagesOf()
    const [first, second, third] = [add(1), add(2), add(3)]
    third(lost(3))
    second(lost(2))
    first({ sent: 1, notSent: [] })
    await pages.concluded()
    expect(pages.sendAgainAfter).toEqual(key(1))
    expect(pages.report.notSent.map((one) => one.asin)).toEqual([asin(2), asin(3)])
  })

  test('a cursor that cannot be saved leaves no room for another page', async () => {
    const failure = new KeeperError('database_unreachable', 'no', { retriable: true })
    const { pages, add } = pagesOf(() => Promise.reject(failure))
    add(1)({ sent: 1, notSent: [] })
    await settled()
    await expect(pages.room()).rejects.toBe(failure)
    await expect(pages.concluded()).rejects.toBe(failure)
  })
})

describe('a run', () => {
  let kafka: TestKafka
  let database: FreshDatabase
  let keepa: Awaited<ReturnType<typeof scriptedKeepa>>
  let held: Held
  let report: ReturnType<typeof runPriceCheck>

  /** Keeps back the events of some products until they are let go. */
  class Held extends PriceUpdateProducer {
    isHeld: (asin: string) => boolean = () => true
    readonly #gate = Promise.withResolvers<void>()
    letGo = () => this.#gate.resolve()
    override async sendPriceUpdate(price: PriceObservation) {
      if (this.isHeld(price.asin)) await this.#gate.promise
      return super.sendPriceUpdate(price)
    }
  }

  beforeAll(async () => {
    kafka = await testKafka()
  })
  afterAll(() => kafka.close())
  beforeEach(async () => {
    database = await freshDatabase()
    // Seven pages.
    await addProducts(
      database.pool,
      Array.from({ length: 700 }, (_, number) => asin(number)),
    )
    keepa = await scriptedKeepa()
    held = new Held(topicProducer(kafka, await kafka.freshTopic('price-updates')))
  })
  afterEach(async () => {
    held.letGo()
    await report
    await closeProducers()
    await keepa.close()
    await database.drop()
  })

  const start = () => {
    const dependencies = { pool: database.pool, keepa: keepaOf(keepa.url), producer: held }
    report = runPriceCheck({}, { ...dependencies, log: listener().log, deadlineMs: inMinutes(10) })
  }
  const pagesAsked = async (pages: number) => {
    while (keepa.asked.length < pages) await sleep(5)
  }
  const cursor = async () => {
    const { rows } = await database.pool.query('select cursor from producer_runs')
    return rows[0]?.cursor
  }

  test('asks for further pages while events are unacknowledged, but for no sixth', async () => {
    start()
    await pagesAsked(5)
    await sleep(100)
    expect(keepa.asked).toHaveLength(5)
    expect(await cursor()).toBeNull()
    held.letGo()
    expect(await report).toMatchObject({ end: 'finished', sent: 700, notSent: [] })
    expect(keepa.asked).toHaveLength(7)
  })

  test('that died would be gone on with from its first unacknowledged page', async () => {
    held.isHeld = (one) => one === asin(150)
    start()
    await pagesAsked(5)
    while ((await cursor()) === null) await sleep(5)
    await sleep(100)
    expect(await cursor()).toEqual({ ...key(99), asksBuyBox: false })
  })

  test('whose database fails ends once its events are acknowledged, at the page behind them', async () => {
    held.isHeld = (one) => one === asin(150)
    start()
    await pagesAsked(5)
    await database.pool.query('alter table watches rename to watches_away')
    const failed = expect(report).rejects.toMatchObject({ code: '42P01' })
    held.letGo()
    await failed
    report = Promise.resolve({ skipped: 'already-done' })
    const { rows } = await database.pool.query('select cursor, lease_until from producer_runs')
    const behind = { ...key(keepa.asked.length * 100 - 1), asksBuyBox: false }
    expect(rows).toEqual([{ cursor: behind, lease_until: null }])
  })
})
