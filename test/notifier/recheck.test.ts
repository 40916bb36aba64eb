import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { priceConsumer } from '../../lambdas/consumers/price-consumer/price-consumer.ts'
import { consumeRecords } from '../helpers/consuming.ts'
import { priceEvent } from '../helpers/msk-events.ts'
import { alert, type Notifying, notifying } from './notifying.ts'

let notifier: Notifying
beforeEach(async () => {
  notifier = await notifying()
})
afterEach(() => notifier.close())

const sent = () => notifier.service.requests
const alerts = () => notifier.query('select status, reason, told_price from price_alerts order by id')
const messages = () => notifier.query('select status, reason from messages order by id')
const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString()

/** The consumer stores a price of the product of an alert. */
const consume = async (productId: string, price: number) => {
  const [product] = await notifier.query<{ asin: string }>(
    'select asin from watched_products where id = $1',
    [productId],
  )
  // The consumer has a database user of its own; here the owner's will do.
  const { default: pg } = await import('pg')
  const pool = new pg.Pool({ connectionString: notifier.url, max: 1, pipeline: true })
  try {
    await consumeRecords(pool, priceConsumer, [
      {
        value: priceEvent({ asin: product?.asin, current_price: price, timestamp: new Date().toISOString() }),
        offset: offset++,
      },
    ])
  } finally {
    await pool.end()
  }
}
let offset = 0

describe('requirements 2 and 3: rechecked when it is sent', () => {
  test.each([
    ['rose', 'update watched_products set current_price = 45.46', 'the price is above the target'],
    ['is gone', 'update watched_products set unavailable_since = now()', 'the product is not offered'],
    ['is watched no more', "update watches set status = 'PAUSED'", 'the watch is not active'],
    ['has no target', 'update watches set target_price = null', 'the watch has no target'],
    ['has a lower target', 'update watches set target_price = 30', 'the price is above the target'],
  ])('a price that %s is not told, and says why', async (_, change, reason) => {
    await alert(notifier)
    await notifier.query(change)
    expect(await notifier.run()).toMatchObject({ alertsSuperseded: 1, deliveriesSent: 0 })
    expect(sent()).toEqual([])
    expect(await alerts()).toEqual([{ status: 'SUPERSEDED', reason, told_price: null }])
    expect(await messages()).toEqual([{ status: 'SUPERSEDED', reason }])
  })

  test('a price within a percent of the target, and just not stale, is told', async () => {
    await alert(notifier, { price: 45.45, priceAt: hoursAgo(47.9) })
    expect(await notifier.run()).toMatchObject({ alertsSuperseded: 0, deliveriesSent: 1 })
  })

  test('of several alerts those that are so no more are left out', async () => {
    const { userId } = await alert(notifier, { price: 40 })
    const { productId } = await alert(notifier, { userId, price: 30 })
    await notifier.query('update watched_products set current_price = 90 where id = $1', [productId])
    await notifier.run()
    expect(sent()).toMatchObject([{ text: expect.stringMatching(/^alert of 1\n\S+ 40\.00/) }])
    expect((await alerts()).map(({ status }) => status)).toEqual(['SENT', 'SUPERSEDED'])
  })

  test('the newest price is told, not that which raised the alert', async () => {
    const { productId } = await alert(notifier, { price: 40 })
    await notifier.query('update watched_products set current_price = 38.5 where id = $1', [productId])
    await notifier.run()
    expect(sent()[0]?.text).toContain('38.50')
    expect(await alerts()).toMatchObject([{ status: 'SENT', told_price: '38.50' }])
  })

  test('a superseded alert counts as never made: the next price that qualifies alerts again', async () => {
    const { productId } = await alert(notifier, { price: 40 })
    await notifier.query('update watched_products set unavailable_since = now()')
    await notifier.run()
    expect(await alerts()).toMatchObject([{ status: 'SUPERSEDED' }])
    await consume(productId, 40)
    expect(await alerts()).toMatchObject([{ status: 'SUPERSEDED' }, { status: 'PENDING' }])
    await notifier.query("update price_alerts set raised_at = now() - interval '2 minutes'")
    await notifier.run()
    expect(sent()[0]?.text).toContain('40.00 target-reached')
  })

  test('an alert of a stale price waits, and the next price decides: at the target it is told, above it is not', async () => {
    const told = await alert(notifier, { price: 40, priceAt: hoursAgo(49) })
    const rose = await alert(notifier, { price: 40, priceAt: hoursAgo(49) })
    expect(await notifier.run()).toMatchObject({ alertsGathered: 0, alertsSuperseded: 0 })
    expect(await alerts()).toMatchObject([{ status: 'PENDING' }, { status: 'PENDING' }])
    await consume(told.productId, 39)
    await consume(rose.productId, 90)
    await notifier.run()
    expect(sent().map(({ text }) => text)).toEqual([expect.stringContaining(' 39.00 target-reached')])
    expect(await alerts()).toMatchObject([{ status: 'SENT' }, { reason: 'the price is above the target' }])
  })

  test('an alert whose price becomes stale while its message waits is free for another message', async () => {
    const { productId } = await alert(notifier)
    notifier.service.answer = () => 503
    await notifier.run()
    notifier.service.answer = () => 200
    await notifier.query("update watched_products set price_at = now() - interval '49 hours'")
    await notifier.query('update messages set due_at = now()')
    expect(await notifier.run()).toMatchObject({ alertsSuperseded: 0, deliveriesSent: 0 })
    expect(await messages()).toEqual([{ status: 'SUPERSEDED', reason: 'the price is stale' }])
    await consume(productId, 38)
    await notifier.run()
    expect(sent().at(-1)?.text).toContain(' 38.00 ')
    expect(await alerts()).toMatchObject([{ status: 'SENT', told_price: '38.00' }])
  })

  test('a product that a long pass checks once a day, 14 hours before the daily digest, is told', async () => {
    const user = { digest_at: new Date(Date.now() - 60_000).toISOString().slice(11, 16) }
    await alert(notifier, { raisedAt: hoursAgo(14), priceAt: hoursAgo(14), user })
    expect(await notifier.run()).toMatchObject({ deliveriesSent: 1, alertsSuperseded: 0 })
    expect(sent()[0]?.text).toMatch(/^digest of 1/)
  })

  test('an alert whose price qualifies again before it is superseded is not lost: the next message tells it', async () => {
    const { productId } = await alert(notifier)
    const priceIs = (price: number) =>
      notifier.query('update watched_products set current_price = $2 where id = $1', [productId, price])
    await priceIs(90)
    // As a price that is stored right after the alerts were read: its alert is pending, so it raises none.
    const query = notifier.pool.query.bind(notifier.pool)
    const pool = Object.create(notifier.pool, {
      query: {
        value: async (sql: string, values: unknown[]) => {
          if (sql.includes("status = case when now_so.reason is null then 'PENDING'")) await priceIs(38.5)
          return query(sql, values)
        },
      },
    })
    await notifier.run({ pool })
    expect(sent()).toEqual([])
    expect(await messages()).toMatchObject([{ status: 'SUPERSEDED' }])
    expect(await alerts()).toMatchObject([{ status: 'PENDING', reason: null }])
    await notifier.run()
    expect(sent()).toHaveLength(1)
    expect(await alerts()).toMatchObject([{ status: 'SENT', told_price: '38.50' }])
  })

  test('a message that is tried again is dropped where nothing of it is so any more', async () => {
    const { productId } = await alert(notifier)
    notifier.service.answer = () => 503
    await notifier.run()
    await notifier.query('update watched_products set current_price = 90 where id = $1', [productId])
    await notifier.query('update messages set due_at = now()')
    await notifier.run()
    expect(sent()).toHaveLength(1)
    expect(await alerts()).toMatchObject([{ status: 'SUPERSEDED' }])
    expect(await messages()).toMatchObject([{ status: 'SUPERSEDED' }])
  })
})

describe('requirement 1: what was told is not told again', () => {
  test('the price that the message told, lower than the one that raised the alert, is no news when it comes again', async () => {
    const { productId } = await alert(notifier, { price: 40 })
    await notifier.query('update watched_products set current_price = 38 where id = $1', [productId])
    await notifier.run()
    await consume(productId, 38)
    expect(await alerts()).toHaveLength(1)
    await consume(productId, 37.99)
    expect(await alerts()).toHaveLength(2)
  })

  test('nor does a watch that is paused and resumed alert for it', async () => {
    const { productId } = await alert(notifier, { price: 40 })
    await notifier.query('update watched_products set current_price = 38 where id = $1', [productId])
    await notifier.run()
    await notifier.query("update watches set status = 'PAUSED'")
    await notifier.query("update watches set status = 'ACTIVE'")
    expect(await alerts()).toHaveLength(1)
  })

  test('a lower price says that it is lower again; after it rose, that the target is reached', async () => {
    const { productId } = await alert(notifier, { price: 40 })
    await notifier.run()
    await consume(productId, 39)
    await notifier.query("update price_alerts set raised_at = now() - interval '2 minutes'")
    await notifier.run()
    await consume(productId, 60)
    await consume(productId, 44)
    await notifier.query("update price_alerts set raised_at = now() - interval '2 minutes'")
    await notifier.run()
    expect(sent().map(({ text }) => text.split('\n')[1]?.replace(/^\S+ /, ''))).toEqual([
      '40.00 target-reached',
      '39.00 lower-again',
      '44.00 target-reached',
    ])
  })
})
