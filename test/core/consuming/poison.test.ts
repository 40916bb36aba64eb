import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { dealConsumer } from '../../../lambdas/consumers/deal-consumer/deal-consumer.ts'
import { priceConsumer } from '../../../lambdas/consumers/price-consumer/price-consumer.ts'
import { consume } from '../../../lambdas/core/consuming/consume.ts'
import { consumeRecords } from '../../helpers/consuming.ts'
import { type FreshDatabase, freshDatabase } from '../../helpers/database.ts'
import { dealEvent, priceEvent, type TestRecord } from '../../helpers/msk-events.ts'
import { checksum, watch } from '../../helpers/tables.ts'

let database: FreshDatabase
beforeEach(async () => {
  database = await freshDatabase()
  await watch(database.pool, {}, 45)
})
afterEach(() => database.drop())

const query = async (sql: string) => (await database.pool.query(sql)).rows
const good = (minute: number): TestRecord => ({
  value: priceEvent({ timestamp: `2026-02-20T12:${String(minute).padStart(2, '0')}:00` }),
})

/** Reads nothing until Postgres has answered all that was sent, as a busy machine does. */
const answeredAtOnce = (consumer: typeof priceConsumer): typeof priceConsumer => ({
  ...consumer,
  store: (...batch) => {
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100))
    return consumer.store(...batch)
  },
})

describe('poison', () => {
  const poison: TestRecord = { value: '{"asin": NaN' }
  test.each([
    ['first', [poison, good(1), good(2)], 2],
    ['in the middle', [good(1), poison, good(2)], 2],
    ['last', [good(1), good(2), poison], 2],
    ['all there is', [poison, poison, poison], 0],
  ])('%s of a batch is quarantined and its neighbours are stored', async (_, records, stored) => {
    const { metrics } = await consumeRecords(database.pool, priceConsumer, records)
    expect(metrics).toMatchObject({ HistoryRowsStored: stored, RecordsRejected: records.length - stored })
    expect(await query('select from price_history')).toHaveLength(stored)
    expect(await query('select from rejected_records')).toHaveLength(records.length - stored)
  })

  test('at the head of a batch that comes again leaves the tables as they are, also where all answers are read at once', async () => {
    const batch = [poison, good(1), good(2)]
    await consumeRecords(database.pool, priceConsumer, batch)
    const before = await checksum(database.pool)
    const { metrics } = await consumeRecords(database.pool, answeredAtOnce(priceConsumer), batch)
    expect(metrics).toMatchObject({ HistoryRowsStored: 0, RecordsRejected: 0 })
    expect(await checksum(database.pool)).toBe(before)
  })

  test('keeps its bytes, key, headers, place, time and reason', async () => {
    const bytes = Buffer.from([0, 255, 1, 2, 0x7b])
    await consumeRecords(database.pool, priceConsumer, [
      {
        value: bytes,
        key: 'B07W6JN8V8',
        partition: 2,
        offset: 17,
        timestamp: Date.UTC(2026, 1, 20, 12, 30, 0, 7),
        headers: [{ source: [107, -61, -92] }, { 'nul\u0000': [0] }],
      },
    ])
    expect(await query('select * from rejected_records')).toEqual([
      {
        id: '1',
        topic: 'price-updates',
        partition: 2,
        offset: '17',
        fingerprint: expect.any(Buffer),
        key: Buffer.from('B07W6JN8V8'),
        value: bytes,
        headers: expect.anything(),
        record_timestamp: new Date('2026-02-20T12:30:00.007Z'),
        reason: 'invalid_utf8',
        detail: "the value's 5 bytes are not UTF-8",
        rejected_at: expect.any(Date),
        redriven_at: null,
        consumer_group: 'keeper-consumer-group',
      },
    ])
    expect((await query('select headers::text as text from rejected_records'))[0]?.text).toBe(
      '[{"key":"source","value":"a8Ok"},{"key":"nul\\u0000","value":"AA=="}]',
    )
  })

  test.each([
    ['prices', priceConsumer],
    ['deals', dealConsumer],
  ] as const)(
    'of %s keeps headers as Kafka allows them: no value, a name twice, any name, in order',
    async (_, consumer) => {
      const headers = JSON.parse('[{"trace":null},{"__proto__":[1]},{"toString":[]},{"trace":[2]},{"":[3]}]')
      const records = [{ value: '{broken', headers }, good(1)]
      const { metrics } = await consumeRecords(database.pool, consumer as typeof priceConsumer, records)
      expect(metrics).toMatchObject({ RecordsRejected: consumer === priceConsumer ? 1 : 2 })
      expect(await query('select headers from rejected_records where "offset" = 0')).toEqual([
        {
          headers: [
            { key: 'trace', value: null },
            { key: '__proto__', value: 'AQ==' },
            { key: 'toString', value: '' },
            { key: 'trace', value: 'Ag==' },
            { key: '', value: 'Aw==' },
          ],
        },
      ])
    },
  )

  test('at the same place of a topic that was made anew is kept beside the old', async () => {
    const at = { offset: 3, timestamp: 1_771_590_600_000 }
    await consumeRecords(database.pool, priceConsumer, [{ value: 'first', ...at }])
    await consumeRecords(database.pool, priceConsumer, [{ value: 'second', ...at }])
    await consumeRecords(database.pool, priceConsumer, [
      { value: 'second', ...at, timestamp: at.timestamp + 1 },
    ])
    await consumeRecords(database.pool, priceConsumer, [{ value: 'second', ...at }])
    expect(await query('select from rejected_records')).toHaveLength(3)
  })

  test.each([
    ['a tombstone', { value: null }, { Tombstones: 1, RecordsRejected: 0 }],
    [
      'a deal on the price topic',
      { value: priceEvent({ event_type: 'deal_update' }) },
      { RecordsRejected: 1 },
    ],
    ['a price above numeric(12,2)', { value: priceEvent({ current_price: 1e12 }) }, { RecordsRejected: 1 }],
    [
      'a title of a megabyte',
      { value: priceEvent({ product_title: '😀'.repeat(250_000) }) },
      { HistoryRowsStored: 1 },
    ],
    ['a NUL in the title', { value: priceEvent({ product_title: 'a\u0000b' }) }, { HistoryRowsStored: 1 }],
    [
      'an escaped lone surrogate',
      { value: JSON.stringify(priceEvent()).replace('Logitech', '\\ud800') },
      { HistoryRowsStored: 1 },
    ],
    [
      'an event of the year 9999',
      { value: priceEvent({ timestamp: '9999-12-31T23:59:59' }) },
      { HistoryRowsStored: 1 },
    ],
    [
      'a record without a time, stamped by a clock that no calendar reaches',
      { value: priceEvent({ timestamp: 'yesterday' }), timestamp: 2 ** 62 },
      { HistoryRowsStored: 0, RecordsRejected: 1 },
    ],
    [
      'a record without a time, stamped in the year 200,000',
      { value: priceEvent({ timestamp: 'yesterday' }), timestamp: Date.UTC(200_000, 0) },
      { HistoryRowsStored: 0, RecordsRejected: 1 },
    ],
    [
      'an event of the year 1',
      { value: priceEvent({ timestamp: '0001-01-01T00:00:00+14:00' }) },
      { HistoryRowsStored: 1 },
    ],
  ] as [string, TestRecord, Record<string, number>][])(
    '%s ends in one place',
    async (_, record, expected) => {
      const { metrics } = await consumeRecords(database.pool, priceConsumer, [record])
      expect(metrics).toMatchObject(expected)
    },
  )
})

describe('a byte order mark', () => {
  test.each([
    ['prices', priceConsumer, priceEvent],
    ['deals', dealConsumer, dealEvent],
  ] as const)('before the JSON of %s is skipped', async (_, consumer, eventOf) => {
    const { metrics } = await consumeRecords(database.pool, consumer as typeof priceConsumer, [
      { value: `\uFEFF${JSON.stringify(eventOf())}` },
    ])
    expect(metrics).toMatchObject({ HistoryRowsStored: 1, RecordsRejected: 0 })
  })
})

describe('an error of our own code', () => {
  const failing = (store: typeof priceConsumer.store): typeof priceConsumer => ({ ...priceConsumer, store })
  const bug = new TypeError('a bug of ours')

  test('behind a statement that was sent is not committed around: the record is quarantined, its neighbours are stored', async () => {
    const consumer = failing(async (client, records, redelivery) => {
      const { answers } = await priceConsumer.store(client, records, redelivery)
      const isPoison = records.some(({ record }) => record.offset === 1)
      return {
        answers: isPoison ? Promise.all([answers, Promise.reject(bug)]).then(([counts]) => counts) : answers,
      }
    })
    const { metrics } = await consumeRecords(database.pool, consumer, [good(1), good(2), good(3)])
    expect(metrics).toMatchObject({ HistoryRowsStored: 2, RecordsRejected: 1 })
    expect(await query('select "offset", detail from rejected_records')).toEqual([
      { offset: '1', detail: 'a bug of ours' },
    ])
    expect(await query('select "offset" from price_history order by "offset"')).toEqual([
      { offset: '0' },
      { offset: '2' },
    ])
  })

  test('in a parameter that cannot be sent is not committed around', async () => {
    const unsendable = {
      toPostgres: () => {
        throw bug
      },
    }
    const consumer = failing(async (client, records, redelivery) => {
      const { answers } = await priceConsumer.store(client, records, redelivery)
      return {
        answers: Promise.all([answers, client.query('select $1::text', [unsendable])]).then(
          ([counts]) => counts,
        ),
      }
    })
    const { metrics } = await consumeRecords(database.pool, consumer, [good(1), good(2)])
    expect(metrics).toMatchObject({ HistoryRowsStored: 0, RecordsRejected: 2 })
    expect(await query('select from price_history')).toHaveLength(0)
  })

  test('while the quarantine is written fails the batch without a commit', async () => {
    const unreadable = { value: '{', headers: [{ trace: 5 }] } as unknown as TestRecord
    await expect(consumeRecords(database.pool, priceConsumer, [good(1), unreadable])).rejects.toMatchObject({
      code: 'ERR_INVALID_ARG_TYPE',
    })
    expect(await query('select from price_history')).toHaveLength(0)
  })
})

describe('a record that Postgres refuses', () => {
  /** Lets a value through that no column takes, as a check that was forgotten would. */
  const careless: typeof priceConsumer = {
    ...priceConsumer,
    read: (...args) => {
      const found = priceConsumer.read(...args)
      if (!('accepted' in found)) return found
      const { accepted } = found
      if (accepted.event.title === 'bug') throw new TypeError('cannot read properties of undefined')
      return accepted.event.title === 'too much'
        ? { accepted: { ...accepted, price: '99999999999.00' } }
        : found
    },
  }
  const careful = (minute: number, product_title: string): TestRecord => ({
    value: priceEvent({ product_title, timestamp: `2026-02-20T12:${minute}:00` }),
  })

  test('is found, quarantined with SQLSTATE and reason, and the others are stored', async () => {
    const records = Array.from({ length: 33 }, (_, index) =>
      careful(10 + index, index % 16 === 5 ? 'too much' : 'fine'),
    )
    const { metrics } = await consumeRecords(database.pool, careless, records)
    expect(metrics).toMatchObject({ HistoryRowsStored: 31, RecordsRejected: 2 })
    expect(await query('select "offset", reason, detail from rejected_records order by "offset"')).toEqual([
      { offset: '5', reason: 'not_storable', detail: expect.stringMatching(/^22003 numeric field overflow/) },
      { offset: '21', reason: 'not_storable', detail: expect.stringMatching(/^22003 /) },
    ])
  })

  test('only for the alert that it raises is quarantined too, and the others are stored', async () => {
    await query(`
      create function refuse() returns trigger language plpgsql as
        $$ begin raise exception 'no alert of 40.00' using errcode = '22023'; end $$;
      create trigger refuse before insert on price_alerts for each row when (new.triggered_price = 40)
        execute function refuse()`)
    const priced = (minute: number, current_price: number): TestRecord => ({
      value: priceEvent({ current_price, timestamp: `2026-02-20T12:${minute}:00` }),
    })
    const { metrics } = await consumeRecords(database.pool, priceConsumer, [
      priced(10, 50),
      priced(11, 40),
      priced(12, 41),
    ])
    expect(metrics).toMatchObject({ HistoryRowsStored: 2, AlertsRaised: 1, RecordsRejected: 1 })
    expect(await query('select "offset", detail from rejected_records')).toEqual([
      { offset: '1', detail: '22023 no alert of 40.00' },
    ])
    expect(await query('select triggered_price from price_alerts')).toEqual([{ triggered_price: '41.00' }])
  })

  test('or that our own code stumbles over blocks nothing', async () => {
    const { metrics } = await consumeRecords(database.pool, careless, [
      careful(10, 'bug'),
      careful(11, 'fine'),
    ])
    expect(metrics).toMatchObject({ HistoryRowsStored: 1, RecordsRejected: 1 })
    expect(await query('select detail from rejected_records')).toEqual([
      { detail: 'cannot read properties of undefined' },
    ])
  })

  test('is what the batch fails for, although the quarantine is refused behind it and all answers are read at once', async () => {
    const records = [careful(10, 'fine'), { value: '{' }, careful(11, 'too much')]
    const { metrics } = await consumeRecords(database.pool, answeredAtOnce(careless), records)
    expect(metrics).toMatchObject({ HistoryRowsStored: 1, RecordsRejected: 2 })
    expect(await query('select reason from rejected_records order by "offset"')).toEqual([
      { reason: 'invalid_json' },
      { reason: 'not_storable' },
    ])
  })

  test('leaves the same tables when it is delivered again', async () => {
    const records = [careful(10, 'fine'), careful(11, 'too much')]
    await consumeRecords(database.pool, careless, records)
    const before = await checksum(database.pool)
    await consumeRecords(database.pool, careless, records)
    expect(await checksum(database.pool)).toBe(before)
  })
})

test('an event that is not of an event source mapping is refused with a sentence', async () => {
  const dependencies = {
    pool: database.pool,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    emitMetrics: () => undefined,
    deadlineMs: Date.now() + 1_000,
    onFailure: 'throw',
  } as const
  await expect(consume({} as never, priceConsumer, dependencies)).rejects.toMatchObject({
    code: 'not_an_msk_event',
  })
  await expect(consume(null as never, priceConsumer, dependencies)).rejects.toMatchObject({
    code: 'not_an_msk_event',
  })
})
