import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { priceConsumer } from '../../../lambdas/consumers/price-consumer/price-consumer.ts'
import { consumeRecords } from '../../helpers/consuming.ts'
import { type FreshDatabase, freshDatabase } from '../../helpers/database.ts'
import { priceEvent } from '../../helpers/msk-events.ts'
import { watch } from '../../helpers/tables.ts'
import { emptyTables } from '../../helpers/used-database.ts'
import { until } from '../../local/until.ts'

/** Watches that are added, changed or resumed with plain SQL, while prices come or are there. */
let database: FreshDatabase
beforeEach(async () => {
  database = await freshDatabase()
})
afterEach(() => database.drop())

const query = async (sql: string) => (await database.pool.query(sql)).rows
let offset = 0
const priced = (current_price: number, minute: number) => ({
  value: priceEvent({ current_price, timestamp: `2026-02-20T12:${minute}:00` }),
  offset: offset++,
})
const consume = (...prices: ReturnType<typeof priced>[]) =>
  consumeRecords(database.pool, priceConsumer, prices)
const alerts = () =>
  query(
    'select triggered_price, target_price, previous_price, status, triggered_at from price_alerts order by id',
  )
const fired = async () => (await alerts()).map(({ triggered_price }) => triggered_price)

const ADD = `
insert into watches (user_id, product_id, target_price, status)
select users.id, product.id, 45, 'ACTIVE' from users, watched_products as product`

describe('a watch whose target the current price meets', () => {
  beforeEach(async () => {
    await watch(database.pool, {})
    await query("insert into users (email) values ('someone@test')")
    await consume(priced(60, 10), priced(45.45, 11))
  })

  test('alerts at once when it is added with plain SQL', async () => {
    await query(ADD)
    expect(await alerts()).toEqual([
      {
        triggered_price: '45.45',
        target_price: '45.00',
        previous_price: '60.00',
        status: 'PENDING',
        triggered_at: new Date('2026-02-20T12:11:00Z'),
      },
    ])
  })

  test('does not alert a second time when the next price comes', async () => {
    await query(ADD)
    await query("update price_alerts set status = 'SENT'")
    await consume(priced(45.45, 12), priced(45.4599, 13))
    await consume(priced(45.45, 14))
    expect(await fired()).toEqual(['45.45'])
  })

  test('alerts at once when its target is raised to it, and not where the target is only touched', async () => {
    await query(ADD.replace('45', '40'))
    expect(await fired()).toEqual([])
    await query('update watches set target_price = 45')
    expect(await fired()).toEqual(['45.45'])
    await query("update price_alerts set status = 'SUPERSEDED'")
    await query('update watches set target_price = 45, updated_at = now()')
    expect(await fired()).toEqual(['45.45'])
  })

  test.each(['PAUSED', 'INACTIVE'])('alerts at once when it was %s and is resumed', async (status) => {
    await query(ADD.replace('ACTIVE', status))
    expect(await fired()).toEqual([])
    await query("update watches set status = 'ACTIVE'")
    expect(await fired()).toEqual(['45.45'])
  })

  test.each([
    ['0', 'ACTIVE'],
    ['null', 'ACTIVE'],
    ['44.99', 'ACTIVE'],
    ['45', 'PAUSED'],
  ])('is silent with target %s and status %s', async (target, status) => {
    await query(ADD.replace('45', target).replace('ACTIVE', status))
    expect(await fired()).toEqual([])
  })

  test('keeps to the rule after an alert was sent: only above the threshold since, or lower, alerts again', async () => {
    await query(ADD)
    await query("update price_alerts set status = 'SENT'")
    await query("update watches set status = 'PAUSED'")
    await query("update watches set status = 'ACTIVE'")
    expect(await fired()).toEqual(['45.45'])
    await query("update watches set status = 'PAUSED'")
    await consume(priced(50, 20), priced(45.45, 21))
    await query("update watches set status = 'ACTIVE'")
    expect(await fired()).toEqual(['45.45', '45.45'])
  })

  test('is silent while the product is not on offer, and alerts when it is again', async () => {
    await consume({
      value: priceEvent({ current_price: null, timestamp: '2026-02-20T12:12:00' }),
      offset: offset++,
    })
    await query(ADD)
    expect(await fired()).toEqual([])
    await consume(priced(45.45, 13))
    expect(await fired()).toEqual(['45.45'])
  })

  test('of many watches added in one statement each alerts once', async () => {
    await query("insert into users (email) select n || '@test' from generate_series(1, 500) as n")
    await query(ADD)
    expect(await fired()).toHaveLength(501)
  })
})

describe('a watch and a price at the same time', () => {
  beforeEach(async () => {
    await watch(database.pool, {})
    await query("insert into users (email) values ('someone@test')")
    await consume(priced(60, 10))
  })
  const isWaiting = async () =>
    (
      await query(
        "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      )
    ).length > 0

  test('alert once where the price comes first: the watch waits for it', async () => {
    const stored = Promise.withResolvers<void>()
    const held = Promise.withResolvers<void>()
    const slow: typeof priceConsumer = {
      ...priceConsumer,
      store: async (...batch) => {
        const inFlight = await priceConsumer.store(...batch)
        await inFlight.answers
        stored.resolve()
        await held.promise
        return inFlight
      },
    }
    const consuming = consumeRecords(database.pool, slow, [priced(40, 11)])
    await stored.promise
    const adding = query(ADD)
    await until(isWaiting)
    held.resolve()
    await Promise.all([consuming, adding])
    expect(await fired()).toEqual(['40.00'])
  })

  test('alert once where the watch comes first: the price waits for it', async () => {
    const client = await database.pool.connect()
    await client.query('begin')
    await client.query(ADD)
    const consuming = consume(priced(40, 11))
    await until(isWaiting)
    await client.query('commit')
    client.release()
    await consuming
    expect(await fired()).toEqual(['40.00'])
  })
})

test('a watch that is resumed alerts as it would have for the last price, whatever came before', async () => {
  const price = fc.constantFrom(39, 40, 44, 45, 45.45, 45.46, 46, 50)
  const before = fc.array(
    fc.record({
      current_price: price,
      minute: fc.integer({ min: 10, max: 29 }),
      implausible: fc.boolean(),
      history: fc.boolean(),
    }),
    { maxLength: 8 },
  )
  const lastAlert = fc.option(
    fc.record({
      status: fc.constantFrom('SENT', 'FAILED', 'SUPERSEDED', 'PENDING'),
      price: fc.constantFrom(40, 44, 44.5, 45),
      minute: fc.integer({ min: 10, max: 29 }),
    }),
  )
  const target = fc.constantFrom(40, 45, 0)

  /** The same stream with one watch, which is resumed before or after the last price. */
  async function alertsWhereResumed(
    when: 'before the last price' | 'after it',
    [events, alert, targetPrice, last]: [
      readonly { current_price: number; minute: number; implausible: boolean; history: boolean }[],
      { status: string; price: number; minute: number } | null,
      number,
      number,
    ],
  ) {
    await emptyTables(database.pool)
    await watch(database.pool, {}, targetPrice)
    await query("update watches set status = 'PAUSED'")
    const records = events.map(({ current_price, minute, implausible, history }, at) => ({
      value: priceEvent({
        current_price,
        timestamp: `${implausible ? 2099 : 2026}-02-20T12:${minute}:00`,
        history,
      }),
      offset: at,
    }))
    if (records.length > 0) await consumeRecords(database.pool, priceConsumer, records)
    if (alert) {
      await database.pool.query(
        `insert into price_alerts (watch_id, triggered_price, target_price, status, triggered_at)
         select id, $1, 45, $2, $3 from watches`,
        [alert.price, alert.status, `2026-02-20T12:${alert.minute}:00Z`],
      )
    }
    if (when === 'after it') {
      await consume(priced(last, 40))
      await query("update watches set status = 'ACTIVE'")
    } else {
      // Without the trigger, so that the price before the last one raises no alert.
      await query('alter table watches disable trigger watches_updated')
      await query("update watches set status = 'ACTIVE'")
      await query('update watched_products set highest_target = (select max(target_price) from watches)')
      await query('alter table watches enable trigger watches_updated')
      await consume(priced(last, 40))
    }
    return alerts()
  }

  let raised = 0
  await fc.assert(
    fc.asyncProperty(fc.tuple(before, lastAlert, target, price), async (drawn) => {
      const byConsumer = await alertsWhereResumed('before the last price', drawn)
      const byTrigger = await alertsWhereResumed('after it', drawn)
      expect(byTrigger).toEqual(byConsumer)
      raised += byConsumer.length - (drawn[1] ? 1 : 0)
    }),
    { numRuns: 60 },
  )
  expect(raised).toBeGreaterThan(0)
}, 180_000)
