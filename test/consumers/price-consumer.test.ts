import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { priceConsumer } from '../../lambdas/consumers/price-consumer/price-consumer.ts'
import { consumeRecords } from '../helpers/consuming.ts'
import { type FreshDatabase, freshDatabase } from '../helpers/database.ts'
import { priceEvent, type TestRecord } from '../helpers/msk-events.ts'
import { checksum, watch } from '../helpers/tables.ts'

let database: FreshDatabase
beforeEach(async () => {
  database = await freshDatabase()
})
afterEach(() => database.drop())

const consume = (...records: TestRecord[]) => consumeRecords(database.pool, priceConsumer, records)
let offset = 100
/** Records of one partition, each with the next offset, as they come over time. */
const prices = (...events: Record<string, unknown>[]): TestRecord[] =>
  events.map((changes) => ({ value: priceEvent(changes), key: 'B07W6JN8V8', offset: offset++ }))
const query = async (sql: string) => (await database.pool.query(sql)).rows
const product = async () =>
  (await query('select current_price, previous_price, price_at, title from watched_products'))[0]
const alerts = () =>
  query('select triggered_price, target_price, previous_price, status from price_alerts order by id')
const at = (minute: number) => `2026-02-20T12:${String(minute).padStart(2, '0')}:00`

describe('a price of a watched product', () => {
  test('is stored with where it came from, and becomes the current price', async () => {
    await watch(database.pool, {}, null)
    const { metrics } = await consume({ value: priceEvent(), key: 'B07W6JN8V8', partition: 2, offset: 41 })
    expect(
      await query(
        'select recorded_at, source, price, topic, partition, "offset", time_flag from price_history',
      ),
    ).toEqual([
      {
        recorded_at: new Date('2026-02-20T12:30:00Z'),
        source: 'kafka_prices',
        price: '49.99',
        topic: 'price-updates',
        partition: 2,
        offset: '41',
        time_flag: null,
      },
    ])
    expect(await product()).toEqual({
      current_price: '49.99',
      previous_price: null,
      price_at: new Date('2026-02-20T12:30:00Z'),
      title: 'Logitech K380',
    })
    expect(metrics).toMatchObject({
      RecordsReceived: 1,
      HistoryRowsStored: 1,
      AlertsRaised: 0,
      KeyMismatches: 0,
    })
  })

  test('of another marketplace is another product', async () => {
    await watch(database.pool, {}, null)
    const { metrics } = await consume(...prices({ domain: 'com', currency: 'USD' }))
    expect(metrics).toMatchObject({ RecordsUnwatched: 1, HistoryRowsStored: 0 })
  })

  test('that nobody watches is counted and leaves no row', async () => {
    const { metrics } = await consume(...prices({}))
    expect(metrics).toMatchObject({ RecordsUnwatched: 1, HistoryRowsStored: 0, RecordsRejected: 0 })
    expect(await query('select from watched_products')).toHaveLength(0)
  })

  test.each([0, -1, -2])('that is %p is counted as no price and leaves no row', async (current_price) => {
    await watch(database.pool, {}, null)
    const { metrics } = await consume(...prices({ current_price }))
    expect(metrics).toMatchObject({ RecordsWithoutPrice: 1, HistoryRowsStored: 0, RecordsRejected: 0 })
  })

  test('with another key or none is stored by the ASIN of its body and counted', async () => {
    await watch(database.pool, {}, null)
    const { metrics } = await consume(
      { value: priceEvent({ timestamp: at(1) }), key: 'B000000000', offset: 1 },
      { value: priceEvent({ timestamp: at(2) }), offset: 2 },
    )
    expect(metrics).toMatchObject({ HistoryRowsStored: 2, KeyMismatches: 2 })
  })

  test('updates the title, and one without a title leaves it', async () => {
    await watch(database.pool, {}, null)
    await consume(
      ...prices({ product_title: 'New title', timestamp: at(1) }, { product_title: '', timestamp: at(2) }),
    )
    expect(await product()).toMatchObject({ title: 'New title' })
  })
})

describe('order', () => {
  test('the newest price by event time is the current one, and both are history', async () => {
    await watch(database.pool, {}, null)
    await consume(
      ...prices({ current_price: 30, timestamp: at(20) }, { current_price: 40, timestamp: at(10) }),
    )
    expect(await product()).toMatchObject({ current_price: '30.00', previous_price: null })
    expect(await query('select from price_history')).toHaveLength(2)
  })

  test('an older price raises no alert', async () => {
    await watch(database.pool, {}, 45)
    await consume(...prices({ current_price: 60, timestamp: at(20) }))
    await consume(...prices({ current_price: 40, timestamp: at(10) }))
    expect(await alerts()).toEqual([])
  })

  test('the previous price is the one before, across and within batches', async () => {
    await watch(database.pool, {}, null)
    await consume(...prices({ current_price: 60, timestamp: at(1) }))
    await consume(...prices({ current_price: 50, timestamp: at(2) }, { current_price: 40, timestamp: at(3) }))
    expect(await product()).toMatchObject({ current_price: '40.00', previous_price: '50.00' })
  })

  test('two prices of the same minute are both kept, and the later in the log is current', async () => {
    await watch(database.pool, {}, null)
    await consume(...prices({ current_price: 50 }, { current_price: 48 }))
    expect(await query('select price from price_history order by price')).toEqual([
      { price: '48.00' },
      { price: '50.00' },
    ])
    expect(await product()).toMatchObject({ current_price: '48.00', previous_price: '50.00' })
  })
})

describe('time', () => {
  test('a price without a readable time has the time of its record, flagged', async () => {
    await watch(database.pool, {}, null)
    await consume({
      value: priceEvent({ timestamp: 'soon' }),
      timestamp: Date.UTC(2026, 1, 20, 9, 0, 0, 250),
    })
    expect(await query('select recorded_at, time_flag from price_history')).toEqual([
      { recorded_at: new Date('2026-02-20T09:00:00.250Z'), time_flag: 'record_time' },
    ])
    expect(await product()).toMatchObject({ current_price: '49.99' })
  })

  test('a price without any time is quarantined', async () => {
    await watch(database.pool, {}, null)
    const { metrics } = await consume({ value: priceEvent({ timestamp: null }), timestamp: -1 })
    expect(metrics).toMatchObject({ RecordsRejected: 1, HistoryRowsStored: 0 })
  })

  test.each(['2099-01-01T00:00:00', '1970-01-01T00:00:00'])(
    'a price of %s is history, does not freeze the current price and raises no alert',
    async (timestamp) => {
      await watch(database.pool, {}, 45)
      await consume(...prices({ current_price: 10, timestamp }))
      expect(await query('select time_flag from price_history')).toEqual([{ time_flag: 'implausible' }])
      expect(await product()).toMatchObject({ current_price: null, price_at: null })
      await consume(...prices({ current_price: 50, timestamp: at(1) }))
      expect(await product()).toMatchObject({ current_price: '50.00', previous_price: null })
      expect(await alerts()).toEqual([])
    },
  )

  test('a price of a few minutes ahead of the clock is taken', async () => {
    await watch(database.pool, {}, null)
    await consume(...prices({ timestamp: new Date(Date.now() + 4 * 60_000).toISOString() }))
    expect(await product()).toMatchObject({ current_price: '49.99' })
  })
})

describe('alerts', () => {
  test('45.45 fires for target 45.00 and 45.46 does not', async () => {
    await watch(database.pool, {}, 45)
    await consume(...prices({ current_price: 45.46, timestamp: at(1) }))
    expect(await alerts()).toEqual([])
    const { metrics } = await consume(...prices({ current_price: 45.45, timestamp: at(2) }))
    expect(await alerts()).toEqual([
      { triggered_price: '45.45', target_price: '45.00', previous_price: '45.46', status: 'PENDING' },
    ])
    expect(metrics).toMatchObject({ AlertsRaised: 1 })
  })

  test('the time of an alert is the time of its price', async () => {
    await watch(database.pool, {}, 45)
    await consume(...prices({ current_price: 40 }))
    expect(await query('select triggered_at from price_alerts')).toEqual([
      { triggered_at: new Date('2026-02-20T12:30:00Z') },
    ])
  })

  test('each user who watches a product gets one alert, by the own target', async () => {
    await watch(database.pool, {}, 45, 44, 40)
    await consume(...prices({ current_price: 44.44 }))
    expect((await alerts()).map((alert) => alert.target_price)).toEqual(['45.00', '44.00'])
  })

  test.each([null, 0])('a watch with target %p never alerts', async (target) => {
    await watch(database.pool, {}, target)
    await consume(...prices({ current_price: 0.01 }))
    expect(await alerts()).toEqual([])
  })

  test("the event's own target is not asked", async () => {
    await watch(database.pool, {}, 20)
    await consume(...prices({ current_price: 40, target_price: 100 }))
    expect(await alerts()).toEqual([])
  })

  test.each(['PAUSED', 'INACTIVE'])('a watch that is %s does not alert', async (status) => {
    await watch(database.pool, {}, 45)
    await query(`update watches set status = '${status}'`)
    await consume(...prices({ current_price: 40 }))
    expect(await alerts()).toEqual([])
  })

  test('a pending alert keeps others away, within a batch and after', async () => {
    await watch(database.pool, {}, 45)
    await consume(...prices({ current_price: 44, timestamp: at(1) }, { current_price: 43, timestamp: at(2) }))
    await consume(...prices({ current_price: 60, timestamp: at(3) }, { current_price: 30, timestamp: at(4) }))
    expect((await alerts()).map((alert) => alert.triggered_price)).toEqual(['44.00'])
  })

  test('an alert that was SUPERSEDED counts as never made', async () => {
    await watch(database.pool, {}, 45)
    await consume(...prices({ current_price: 44, timestamp: at(1) }))
    await query("update price_alerts set status = 'SUPERSEDED'")
    await consume(...prices({ current_price: 44.5, timestamp: at(2) }))
    expect((await alerts()).map((alert) => alert.triggered_price)).toEqual(['44.00', '44.50'])
  })

  describe.each(['SENT', 'FAILED'])('once the alert is %s', (status) => {
    beforeEach(async () => {
      await watch(database.pool, {}, 45)
      await consume(...prices({ current_price: 44, timestamp: at(1) }))
      await query(`update price_alerts set status = '${status}'`)
    })
    const fired = async () => (await alerts()).map((alert) => alert.triggered_price)

    test('the same or a higher price under the threshold is silent', async () => {
      await consume(
        ...prices({ current_price: 44, timestamp: at(2) }, { current_price: 44.5, timestamp: at(3) }),
      )
      expect(await fired()).toEqual(['44.00'])
    })

    test('a lower price alerts again', async () => {
      await consume(...prices({ current_price: 43.99, timestamp: at(2) }))
      expect(await fired()).toEqual(['44.00', '43.99'])
    })

    test('a price above the threshold rearms it, in an earlier batch', async () => {
      await consume(...prices({ current_price: 45.46, timestamp: at(2) }))
      await consume(...prices({ current_price: 45, timestamp: at(3) }))
      expect(await fired()).toEqual(['44.00', '45.00'])
    })

    test('a price above the threshold rearms it, in the same batch', async () => {
      await consume(
        ...prices({ current_price: 45.46, timestamp: at(2) }, { current_price: 45, timestamp: at(3) }),
      )
      expect(await fired()).toEqual(['44.00', '45.00'])
    })

    test('a price at the threshold does not rearm it', async () => {
      await consume(
        ...prices({ current_price: 45.45, timestamp: at(2) }, { current_price: 45, timestamp: at(3) }),
      )
      expect(await fired()).toEqual(['44.00'])
    })

    test.each([
      ['of an implausible time', '2099-01-01', 'in the same batch'],
      ['of an implausible time', '2099-01-01', 'in an earlier batch'],
      ['that is late and from before it', at(0), 'in the same batch'],
      ['that is late and from before it', at(0), 'in an earlier batch'],
    ])('a high price %s (%s) does not rearm it, %s', async (_, timestamp, when) => {
      const high = prices({ current_price: 90, timestamp })
      const news = prices({ current_price: 44.5, timestamp: at(3) })
      for (const batch of when === 'in the same batch' ? [[...high, ...news]] : [high, news])
        await consume(...batch)
      expect(await fired()).toEqual(['44.00'])
    })

    test('a late price that comes behind another in its batch rearms it for the next batch', async () => {
      await consume(
        ...prices({ current_price: 44.5, timestamp: at(3) }, { current_price: 90, timestamp: at(2) }),
      )
      expect(await fired()).toEqual(['44.00'])
      await consume(...prices({ current_price: 44.6, timestamp: at(4) }))
      expect(await fired()).toEqual(['44.00', '44.60'])
    })

    test('redelivery of its price raises nothing', async () => {
      const before = await checksum(database.pool)
      await consume({ value: priceEvent({ current_price: 44, timestamp: at(1) }), offset: offset - 1 })
      expect(await checksum(database.pool)).toBe(before)
    })
  })
})

test('a batch delivered twice leaves every table as it was', async () => {
  await watch(database.pool, {}, 45, 50)
  const batch = [
    ...prices({ current_price: 60, timestamp: at(1) }, { current_price: 44, timestamp: at(2) }),
    { value: 'poison', offset: offset++ },
    { value: null, offset: offset++ },
  ]
  const first = await consume(...batch)
  expect(first.metrics).toMatchObject({
    HistoryRowsStored: 2,
    AlertsRaised: 2,
    RecordsRejected: 1,
    Tombstones: 1,
  })
  const before = await checksum(database.pool)
  const second = await consume(...batch)
  expect(second.metrics).toMatchObject({ HistoryRowsStored: 0, AlertsRaised: 0, RecordsRejected: 0 })
  expect(await checksum(database.pool)).toBe(before)
})

describe('an event of the past', () => {
  const past = (current_price: number | null, timestamp: string) => ({
    current_price,
    timestamp,
    history: true,
  })
  const flags = () => query('select price, time_flag from price_history order by recorded_at')
  beforeEach(() => watch(database.pool, {}, 45))

  test('is stored, and neither becomes the current price nor alerts, whenever it comes', async () => {
    await consume(...prices(past(20, at(9))))
    expect(await product()).toMatchObject({ current_price: null, price_at: null })
    await consume(...prices(past(21, at(8)), { current_price: 60, timestamp: at(5) }, past(22, at(10))))
    expect(await product()).toMatchObject({ current_price: '60.00', previous_price: null })
    expect(await alerts()).toEqual([])
    expect(await flags()).toEqual([
      { price: '60.00', time_flag: null },
      { price: '21.00', time_flag: 'history' },
      { price: '20.00', time_flag: 'history' },
      { price: '22.00', time_flag: 'history' },
    ])
  })

  test.each(['the same batch', 'an earlier batch'])(
    'does not rearm a watch, though its high price is newer than the alert, in %s',
    async (where) => {
      await consume(...prices({ current_price: 44, timestamp: at(1) }))
      await query("update price_alerts set status = 'SENT'")
      const high = prices(past(90, at(2)))
      const news = prices({ current_price: 44.5, timestamp: at(3) })
      for (const batch of where === 'the same batch' ? [[...high, ...news]] : [high, news])
        await consume(...batch)
      expect((await alerts()).map(({ triggered_price }) => triggered_price)).toEqual(['44.00'])
    },
  )

  test('needs a readable time of its own, and a mark that is a boolean', async () => {
    await consume(...prices(past(20, 'long ago'), { history: 'yes' }))
    expect(await query('select reason from rejected_records order by id')).toEqual([
      { reason: 'bad_timestamp' },
      { reason: 'bad_history' },
    ])
  })
})

describe('an event without a price', () => {
  const gap = (timestamp: string) => ({ current_price: null, timestamp })
  const since = async () =>
    (await query('select unavailable_since from watched_products'))[0]?.unavailable_since?.toISOString()
  const gaps = () => query('select recorded_at, time_flag from price_gaps order by recorded_at')
  beforeEach(() => watch(database.pool, {}, null))

  test('becomes a gap, is counted, and leaves the last price', async () => {
    await consume(...prices({ timestamp: at(1) }))
    const { metrics } = await consume(...prices(gap(at(2))))
    expect(metrics).toMatchObject({ RecordsWithoutPrice: 1, HistoryRowsStored: 0, RecordsRejected: 0 })
    expect(await since()).toBe('2026-02-20T12:02:00.000Z')
    expect(await product()).toMatchObject({ current_price: '49.99' })
    expect(await query('select source, topic, partition, "offset" from price_gaps')).toMatchObject([
      { source: 'kafka_prices', topic: 'price-updates', partition: 0 },
    ])
  })

  test('ends with the next price, in the same batch or a later one', async () => {
    await consume(...prices(gap(at(1)), { timestamp: at(2) }))
    expect(await since()).toBeUndefined()
    await consume(...prices(gap(at(3))))
    await consume(...prices({ timestamp: at(4) }))
    expect(await since()).toBeUndefined()
    expect(await gaps()).toHaveLength(2)
  })

  test('that comes late is a gap of the past', async () => {
    await consume(...prices({ timestamp: at(5) }))
    await consume(...prices(gap(at(4))))
    expect(await since()).toBeUndefined()
    expect(await gaps()).toHaveLength(1)
  })

  test('lasts when a late price from before it comes, and a later gap when a price from between the two comes', async () => {
    await consume(...prices({ timestamp: at(1) }, gap(at(3))))
    await consume(...prices({ timestamp: at(2) }))
    expect(await since()).toBe('2026-02-20T12:03:00.000Z')
    await consume(...prices(gap(at(9))))
    expect(await since()).toBe('2026-02-20T12:03:00.000Z')
    await consume(...prices({ timestamp: at(6) }))
    expect(await since()).toBe('2026-02-20T12:09:00.000Z')
  })

  test('of the past says nothing about now, until it comes as news', async () => {
    await consume(...prices({ ...gap(at(3)), history: true }))
    expect([await since(), await gaps()]).toMatchObject([undefined, [{ time_flag: 'history' }]])
    await consume(...prices(gap(at(3))))
    expect([await since(), await gaps()]).toMatchObject(['2026-02-20T12:03:00.000Z', [{ time_flag: null }]])
  })

  test('changes nothing when it is delivered again', async () => {
    const batch = prices({ timestamp: at(1) }, gap(at(2)), { ...gap(at(0)), history: true })
    await consume(...batch)
    const before = await checksum(database.pool)
    await consume(...batch)
    expect(await checksum(database.pool)).toBe(before)
  })

  test('of a product that nobody watches is counted', async () => {
    const { metrics } = await consume(...prices({ ...gap(at(1)), asin: 'B000000001' }, gap(at(1))))
    expect(metrics).toMatchObject({ RecordsUnwatched: 1, RecordsWithoutPrice: 2 })
    expect(await gaps()).toHaveLength(1)
  })
})
