import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { dealConsumer } from '../../lambdas/consumers/deal-consumer/deal-consumer.ts'
import { priceConsumer } from '../../lambdas/consumers/price-consumer/price-consumer.ts'
import { RESTORED } from '../../lambdas/notifier/home.ts'
import { runNotifier } from '../../lambdas/notifier/run-notifier.ts'
import { consumeRecords } from '../helpers/consuming.ts'
import { copyOf, type FreshDatabase, freshDatabase } from '../helpers/database.ts'
import { dealEvent, priceEvent, type TestRecord } from '../helpers/msk-events.ts'
import { content, watch } from '../helpers/tables.ts'
import { operatorsOf } from '../operator/operators.ts'
import { asNotifier, NO_LINKS, SETTINGS } from './notifying.ts'
import { recordingSenders, renderPlain } from './recording-senders.ts'
import { type RecordingService, recordingService } from './recording-service.ts'

/**
 * docs/recovery.md: a database that is an hour old, and a replay. Postgres's copy of a database stands for the restored
 * backup: the same rows, elsewhere.
 */

const KEYBOARD = 'B000000001'
const LAMP = 'B000000002'
const ADDED = 'B000000003'

const nowMs = Date.now()
const minutesAgo = (minutes: number) => new Date(nowMs - minutes * 60_000).toISOString()
const price = (asin: string, amount: number, minutes: number): TestRecord => ({
  key: asin,
  value: priceEvent({ asin, current_price: amount, timestamp: minutesAgo(minutes) }),
})

/** Kafka keeps these seven days. The backup is of an hour ago. */
const PRICES: readonly TestRecord[] = [
  ...[price(KEYBOARD, 60, 180), price(LAMP, 80, 170), price(KEYBOARD, 58, 90)],
  ...[price(KEYBOARD, 40, 50), price(LAMP, 75, 45), { value: 'no event' }, price(ADDED, 20, 40)],
  // An alert that had not been told when the database was lost.
  price(LAMP, 30, 4),
].map((record, offset) => ({ ...record, offset }))
const DEALS: readonly TestRecord[] = [
  dealEvent({ asin: LAMP, current_price: 79, timestamp: minutesAgo(120) }),
  dealEvent({ asin: LAMP, current_price: 74, discount_percent: 20, timestamp: minutesAgo(30) }),
  dealEvent({ asin: 'B000000004', current_price: 5, timestamp: minutesAgo(20) }),
].map((value, offset) => ({ value, offset }))

let original: FreshDatabase
let service: RecordingService
/** Restored databases, after the replay. */
let restored: FreshDatabase
let another: FreshDatabase
/** What was lost, as it was. */
let before: Content
let after: Content
let waiting: unknown

interface Content {
  readonly products: readonly (readonly unknown[])[]
  readonly history: readonly (readonly unknown[])[]
  readonly deals: unknown
  readonly rejected: unknown
  readonly alerts: readonly (readonly [asin: string, domain: string, user: number, ...unknown[]])[]
}

const consume = async (
  { pool }: FreshDatabase,
  prices: readonly TestRecord[],
  deals: readonly TestRecord[],
) => {
  await consumeRecords(pool, priceConsumer, prices)
  await consumeRecords(pool, dealConsumer, deals)
}

async function notify({ url }: FreshDatabase, databaseInstance = '') {
  const pool = asNotifier(url)
  const nothing = () => undefined
  try {
    return await runNotifier({
      pool,
      senders: recordingSenders(service.url),
      render: renderPlain,
      linksFor: () => NO_LINKS,
      settings: { ...SETTINGS, collectMs: 1, databaseInstance },
      log: { info: nothing, warn: nothing, error: nothing },
      claimUntilMs: Date.now() + 60_000,
      deadlineMs: Date.now() + 80_000,
    })
  } finally {
    await pool.end()
  }
}

async function ask(
  { url }: FreshDatabase,
  ...[operation, input]: Parameters<ReturnType<typeof operatorsOf>['ask']>
) {
  const operators = operatorsOf(url)
  return operators.ask(operation, input).finally(() => operators.close())
}

const alertsOf = async ({ pool }: FreshDatabase) =>
  (await pool.query('select triggered_price as price, status, reason from price_alerts order by id')).rows

beforeAll(async () => {
  ;[original, service] = await Promise.all([freshDatabase(), recordingService()])
  await watch(original.pool, { asin: KEYBOARD }, 45)
  await watch(original.pool, { asin: LAMP }, 35)
  await consume(original, PRICES.slice(0, 3), DEALS.slice(0, 1))
  await notify(original)
  ;[restored, another] = [await copyOf(original), await copyOf(original)]

  // The hour that the backup does not have: a watch on the lamp and one on a product of its own, prices, an alert told.
  await watch(original.pool, { asin: LAMP }, 100)
  await watch(original.pool, { asin: ADDED }, null)
  await consume(original, PRICES.slice(3, 7), DEALS.slice(1))
  await notify(original)
  await consume(original, PRICES.slice(7), [])
  before = (await content(original.pool)) as Content
  expect(service.requests.length).toBeGreaterThan(0)

  const page = await readFile(new URL('../../docs/recovery.md', import.meta.url), 'utf8')
  const [, raiseIds = ''] = /```sql\n([\s\S]*?)```/.exec(page) ?? []
  for (const database of [restored, another]) {
    await database.pool.query(raiseIds)
    await consume(database, PRICES, DEALS)
  }
  after = (await content(restored.pool)) as Content
  waiting = await alertsOf(restored)
}, 120_000)

afterAll(async () => {
  await service?.close()
  for (const database of [original, restored, another]) await database?.drop()
})

describe('a database that is an hour old, after a replay', () => {
  const known = (rows: readonly (readonly unknown[])[]) => rows.filter(([asin]) => asin !== ADDED)

  test('has the same history, current prices, deals and rejected records', () => {
    // The previous price is the one that was current before: where a price and a deal come in another order, another.
    const current = (rows: readonly (readonly unknown[])[]) => known(rows).map((row) => row.toSpliced(5, 1))
    expect(current(after.products)).toEqual(current(before.products))
    expect(known(after.history)).toEqual(known(before.history))
    expect(after.deals).toEqual(before.deals)
    expect(after.rejected).toEqual(before.rejected)
    expect(before.history).toHaveLength(10)
  })

  test('has lost the watches of that hour, with their alerts and the products that only they had', async () => {
    const watches = async ({ pool }: FreshDatabase) => (await pool.query('select from watches')).rowCount
    expect([await watches(original), await watches(restored)]).toEqual([4, 2])
    expect(before.products.filter(([asin]) => asin === ADDED)).toHaveLength(1)
    expect(after.products.filter(([asin]) => asin === ADDED)).toEqual([])
    const users = new Set(after.alerts.map(([, , user]) => user))
    expect(before.alerts.filter(([, , user]) => !users.has(user))).toHaveLength(2)
  })

  test('has alerts that were sent as alerts that wait, beside those that did wait', async () => {
    expect(waiting).toEqual([
      { price: '40.00', status: 'PENDING', reason: null },
      { price: '30.00', status: 'PENDING', reason: null },
    ])
    expect(await alertsOf(original)).toContainEqual({ price: '40.00', status: 'SENT', reason: null })
  })
})

describe('the notifier', () => {
  test('tells nobody in a restored database, says why, and tells what waits once somebody confirms', async () => {
    service.requests.splice(0)
    expect(await notify(restored)).toMatchObject({ stopped: RESTORED, alertsGathered: 0 })
    expect(await notify(restored)).toMatchObject({ stopped: RESTORED })
    expect(service.requests).toEqual([])
    expect(await ask(restored, 'notifier.show')).toMatchObject({
      ...{ waitsSince: expect.stringMatching(/Z$/), confirmedAt: null },
      alerts: { pending: 2, users: 2, to: expect.stringMatching(/Z$/) },
    })
    expect(await ask(restored, 'status.show')).toMatchObject({
      database: { value: { notifierWaitsSince: expect.stringMatching(/Z$/) } },
    })
    expect(await ask(restored, 'notifier.confirm')).toEqual({ confirmed: true, toldUntil: null })
    expect(await notify(restored)).toMatchObject({ stopped: null, alertsGathered: 2, deliveriesSent: 2 })
    expect(service.requests).toHaveLength(2)
    // Receivers tell messages apart by their ids.
    for (const { id } of service.requests) expect(Number(id)).toBeGreaterThan(1_000_000)
    expect(await ask(restored, 'notifier.show')).toMatchObject({ waitsSince: null, alerts: { pending: 0 } })
    await expect(ask(restored, 'notifier.confirm')).rejects.toMatchObject({ code: 'not_waiting' })
  })

  test('does not tell again what the one who confirms says was told, and tells a lower price', async () => {
    service.requests.splice(0)
    await notify(another)
    await ask(another, 'notifier.confirm', { toldUntil: minutesAgo(10) })
    expect(await notify(another)).toMatchObject({ alertsGathered: 1, deliveriesSent: 1 })
    expect(service.requests.map(({ text }) => text)).toEqual([expect.stringContaining(`${LAMP} 30.00`)])
    expect(await alertsOf(another)).toMatchObject([
      { price: '40.00', status: 'SENT', reason: 'told before the restore' },
      { price: '30.00', status: 'SENT', reason: null },
    ])
    await consumeRecords(another.pool, priceConsumer, [{ ...price(KEYBOARD, 39, 2), offset: PRICES.length }])
    expect(await notify(another)).toMatchObject({ alertsGathered: 1 })
  })

  test('knows another RDS instance by its id, and its own again by the same', async () => {
    const database = await freshDatabase()
    try {
      expect(await notify(database, 'db-FIRST')).toMatchObject({ stopped: null })
      expect(await notify(database, 'db-RESTORED')).toMatchObject({ stopped: RESTORED })
      expect(await notify(database, 'db-FIRST')).toMatchObject({ stopped: null })
      expect(await ask(database, 'notifier.show')).toMatchObject({ waitsSince: null })
    } finally {
      await database.drop()
    }
  })
})
