import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { dealConsumer } from '../../../lambdas/consumers/deal-consumer/deal-consumer.ts'
import { priceConsumer } from '../../../lambdas/consumers/price-consumer/price-consumer.ts'
import { createPool } from '../../../lambdas/core/postgres/pool.ts'
import { consumeRecords } from '../../helpers/consuming.ts'
import { type FreshDatabase, freshDatabase, haltedBackend } from '../../helpers/database.ts'
import { dealEvent, priceEvent, type TestRecord } from '../../helpers/msk-events.ts'
import { stoppablePostgres } from '../../helpers/stoppable.ts'
import { checksum, watch } from '../../helpers/tables.ts'
import { until } from '../../local/until.ts'

const price = (minute: number, changes: Record<string, unknown> = {}): TestRecord => ({
  value: priceEvent({ timestamp: `2026-02-20T12:${minute}:00`, ...changes }),
})
const poolOf = (url: string) =>
  createPool({ DATABASE_URL: url, DATABASE_AUTHENTICATION: 'password', KEEPER_FUNCTION: 'test' })

describe('with a Postgres that goes away', () => {
  let postgres: Awaited<ReturnType<typeof stoppablePostgres>>
  let pool: pg.Pool
  beforeAll(async () => {
    postgres = await stoppablePostgres()
  })
  afterAll(() => postgres.dispose())
  beforeEach(async () => {
    await postgres.start()
    pool = poolOf(postgres.databaseUrl)
    await pool.query('truncate users, watched_products, price_history, rejected_records cascade')
    await watch(pool, {}, 45)
  })
  afterEach(() => pool.end())

  test('nothing is committed while it is down, and all is stored once it is back', async () => {
    await postgres.stop()
    await expect(consumeRecords(pool, priceConsumer, [price(10), price(11)])).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    })
    await postgres.start()
    const { metrics } = await consumeRecords(pool, priceConsumer, [price(10), price(11)])
    expect(metrics).toMatchObject({ HistoryRowsStored: 2 })
  })

  test('a warm connection that died meanwhile is replaced within the invocation', async () => {
    await consumeRecords(pool, priceConsumer, [price(10)])
    await postgres.crash()
    await postgres.start()
    const { metrics } = await consumeRecords(pool, priceConsumer, [price(10), price(11)])
    expect(metrics).toMatchObject({ HistoryRowsStored: 1 })
  })

  test('a restart in the middle of a transaction leaves no half of it', async () => {
    const crashing = {
      ...priceConsumer,
      store: async (...args: Parameters<typeof priceConsumer.store>) => {
        const sent = await priceConsumer.store(...args)
        await sent.answers
        await postgres.stop()
        return sent
      },
    }
    await expect(consumeRecords(pool, crashing, [price(10, { current_price: 40 })])).rejects.toThrow()
    await postgres.start()
    const rows = await pool.query('select from price_history union all select from price_alerts')
    expect(rows.rowCount).toBe(0)
    const { metrics } = await consumeRecords(pool, priceConsumer, [price(10, { current_price: 40 })])
    expect(metrics).toMatchObject({ HistoryRowsStored: 1, AlertsRaised: 1 })
  })

  test('with a mapping that takes partial answers, every partition is reported from its first offset', async () => {
    await postgres.stop()
    const records = [
      { ...price(10), partition: 0, offset: 5 },
      { ...price(11), partition: 0, offset: 6 },
      { ...price(12), partition: 2, offset: 9 },
    ]
    const { response, logged } = await consumeRecords(pool, priceConsumer, records, {
      onFailure: 'report-partitions',
    })
    expect(response.batchItemFailures).toEqual([
      { itemIdentifier: { partition: 'price-updates-0', offset: 5 } },
      { itemIdentifier: { partition: 'price-updates-2', offset: 9 } },
    ])
    expect(logged).toEqual([
      expect.objectContaining({ level: 'ERROR', cause: 'infrastructure', errorCode: 'ECONNREFUSED' }),
    ])
  })
})

describe('with a Postgres that is there', () => {
  let database: FreshDatabase
  let pool: pg.Pool
  beforeEach(async () => {
    database = await freshDatabase()
    pool = poolOf(database.url)
    await watch(pool, {}, 45)
    await watch(pool, { asin: 'B000000002' }, 45)
  })
  afterEach(async () => {
    await pool.end()
    await database.drop()
  })

  /** Holds a lock on a product until `done` settles. */
  async function whileLocked<T>(asin: string, work: () => Promise<T>): Promise<T> {
    const client = await database.pool.connect()
    try {
      await client.query('begin')
      await client.query('select from watched_products where asin = $1 for update', [asin])
      return await work()
    } finally {
      await client.query('rollback')
      client.release()
    }
  }

  test('a statement that outlasts the time left fails the batch before Lambda ends the process', async () => {
    await whileLocked('B07W6JN8V8', async () => {
      await expect(
        consumeRecords(pool, priceConsumer, [price(10)], { deadlineMs: Date.now() + 400 }),
      ).rejects.toMatchObject({ code: expect.stringMatching(/^(57014|deadline_reached)$/) })
    })
    const { metrics } = await consumeRecords(pool, priceConsumer, [price(10)])
    expect(metrics).toMatchObject({ HistoryRowsStored: 1 })
  })

  test('no time left is infrastructure: nothing is tried, the batch comes again', async () => {
    await expect(
      consumeRecords(pool, priceConsumer, [price(10)], { deadlineMs: Date.now() - 1 }),
    ).rejects.toMatchObject({ code: 'deadline_reached', retriable: true })
  })

  test('a failure of one partition leaves the others stored and reports only that one', async () => {
    const records = [
      { ...price(10), partition: 0, offset: 5 },
      { ...price(10, { asin: 'B000000002' }), partition: 1, offset: 7 },
    ]
    await pool.query("set lock_timeout = '200ms'")
    await whileLocked('B07W6JN8V8', async () => {
      const { response, metrics } = await consumeRecords(pool, priceConsumer, records, {
        onFailure: 'report-partitions',
      })
      expect(response.batchItemFailures).toEqual([
        { itemIdentifier: { partition: 'price-updates-0', offset: 5 } },
      ])
      expect(metrics).toMatchObject({ HistoryRowsStored: 1 })
    })
  })

  test('a connection whose server went silent is replaced within the invocation, and nothing is stored twice when it wakes', async () => {
    const backend = await haltedBackend(pool)
    try {
      const { metrics } = await consumeRecords(pool, priceConsumer, [price(10, { current_price: 40 })])
      expect(metrics).toMatchObject({ HistoryRowsStored: 1, AlertsRaised: 1 })
      const before = await checksum(database.pool)
      backend.wake()
      const isOver = 'select from pg_stat_activity where pid = $1'
      await until(async () => (await database.pool.query(isOver, [backend.pid])).rowCount === 0)
      expect(await checksum(database.pool)).toBe(before)
    } finally {
      backend.wake()
    }
  })

  test('a table that is not there fails the batch and rejects no record', async () => {
    await database.pool.query('alter table price_history rename to elsewhere')
    await expect(consumeRecords(pool, priceConsumer, [price(10)])).rejects.toMatchObject({ code: '42P01' })
    const rejected = await pool.query('select from rejected_records')
    expect(rejected.rowCount).toBe(0)
  })

  test('a connection that became read-only is replaced', async () => {
    await pool.query('set default_transaction_read_only = on')
    const { metrics } = await consumeRecords(pool, priceConsumer, [price(10)])
    expect(metrics).toMatchObject({ HistoryRowsStored: 1 })
  })

  test('a server that is read-only, as after a failover, fails the batch', async () => {
    const { rows } = await pool.query('select current_database() as name')
    await pool.query(`alter database ${rows[0]?.name} set default_transaction_read_only = on`)
    const late = poolOf(database.url)
    await expect(consumeRecords(late, priceConsumer, [price(10)])).rejects.toMatchObject({ code: '25006' })
    await late.end()
  })

  test('a password that was rotated is asked for anew, once', async () => {
    const passwords = ['the old one', 'keeper']
    const url = new URL(database.url)
    const rotated = new pg.Pool({
      pipeline: true,
      host: url.hostname,
      port: Number(url.port),
      database: url.pathname.slice(1),
      user: 'keeper',
      password: async () => passwords.shift() ?? 'keeper',
      max: 1,
    })
    const { metrics } = await consumeRecords(rotated, priceConsumer, [price(10)])
    await rotated.end()
    expect(metrics).toMatchObject({ HistoryRowsStored: 1 })
    expect(passwords).toEqual([])
  })

  test('a quarantine that cannot be written fails the batch and drops nothing', async () => {
    await database.pool.query('alter table rejected_records rename to elsewhere')
    await expect(consumeRecords(pool, priceConsumer, [price(10), { value: 'poison' }])).rejects.toMatchObject(
      {
        code: '42P01',
      },
    )
    const history = await pool.query('select from price_history')
    expect(history.rowCount).toBe(0)
  })

  test('a deadlock is tried again within the invocation', async () => {
    let deadlocks = 0
    const deadlocking = {
      ...priceConsumer,
      store: async (...args: Parameters<typeof priceConsumer.store>) => {
        deadlocks += 1
        if (deadlocks <= 2) await args[0].query("do $$ begin raise exception using errcode = '40P01'; end $$")
        return priceConsumer.store(...args)
      },
    }
    const { metrics } = await consumeRecords(pool, deadlocking, [price(10)])
    expect(deadlocks).toBe(3)
    expect(metrics).toMatchObject({ HistoryRowsStored: 1 })
  })

  test('the same records at the same time make one row each and one alert', async () => {
    const records = Array.from({ length: 40 }, (_, index) => price(10 + index, { current_price: 40 }))
    const pools = [pool, poolOf(database.url), poolOf(database.url)]
    const results = await Promise.all(pools.map((one) => consumeRecords(one, priceConsumer, records)))
    await Promise.all(pools.slice(1).map((one) => one.end()))
    const stored = results.map(({ metrics }) => metrics.HistoryRowsStored ?? 0)
    expect(stored.sort()).toEqual([0, 0, 40])
    const alerts = await pool.query('select from price_alerts')
    expect(alerts.rowCount).toBe(1)
  })

  test('prices and deals of the same products at once neither deadlock nor lose a row', async () => {
    const asins = Array.from({ length: 30 }, (_, index) => `B1000000${String(index).padStart(2, '0')}`)
    for (const asin of asins.slice(0, 15)) await watch(pool, { asin }, 45)
    const pools = Array.from({ length: 4 }, () => poolOf(database.url))
    await Promise.all(
      pools.map(async (one, worker) => {
        for (let round = 0; round < 15; round += 1) {
          const order = worker % 2 === 0 ? asins : asins.toReversed()
          const timestamp = new Date(Date.UTC(2026, 1, 20, worker, round)).toISOString()
          if (worker < 2) {
            await consumeRecords(
              one,
              priceConsumer,
              order.map((asin) => ({ value: priceEvent({ asin, timestamp }) })),
            )
          } else {
            await consumeRecords(
              one,
              dealConsumer,
              order.map((asin) => ({ value: dealEvent({ asin, timestamp }) })),
            )
          }
        }
      }),
    )
    await Promise.all(pools.map((one) => one.end()))
    const deals = await pool.query("select from price_history where source = 'kafka_deals'")
    expect(deals.rowCount).toBe(2 * 15 * 30)
    const watched = await pool.query(
      `select from price_history h join watched_products p on p.id = h.product_id
       where source = 'kafka_prices' and added_by = 'user'`,
    )
    expect(watched.rowCount).toBe(2 * 15 * 15)
  })

  test('a watch that is deleted while its price is on the way raises no alert and no error', async () => {
    const client = await database.pool.connect()
    await client.query('begin')
    await client.query(
      "delete from watches where product_id = (select id from watched_products where asin = 'B07W6JN8V8')",
    )
    const consuming = consumeRecords(pool, priceConsumer, [price(10, { current_price: 40 })])
    const waiting =
      "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    await until(async () => (await database.pool.query(waiting)).rowCount === 1)
    await client.query('commit')
    client.release()
    expect((await consuming).metrics).toMatchObject({ HistoryRowsStored: 1, AlertsRaised: 0 })
  })

  test.each([
    ['keeper_price_consumer', priceConsumer, priceEvent],
    ['keeper_deal_consumer', dealConsumer, dealEvent],
  ] as const)('%s may do all that its consumer does', async (role, consumer, eventOf) => {
    const limited = new pg.Pool({
      connectionString: database.url,
      max: 1,
      options: `-c role=${role}`,
      pipeline: true,
    })
    const { metrics } = await consumeRecords(limited, consumer as typeof priceConsumer, [
      { value: eventOf({ current_price: 40 }) },
      { value: 'poison' },
    ])
    // A gap that is imported and then comes as news; and the price that ends it.
    const gap = { current_price: null, timestamp: '2026-02-20T12:40:00' }
    for (const history of [true, false])
      await consumeRecords(consumer === priceConsumer ? limited : pool, priceConsumer, [
        { value: priceEvent({ ...gap, history }) },
      ])
    await consumeRecords(limited, consumer as typeof priceConsumer, [
      { value: eventOf({ current_price: 41, timestamp: '2026-02-20T12:50:00' }) },
    ])
    expect(metrics).toMatchObject({ HistoryRowsStored: 1, AlertsRaised: 1, RecordsRejected: 1 })
    await expect(limited.query('delete from price_history')).rejects.toMatchObject({ code: '42501' })
    await expect(limited.query("update watches set status = 'PAUSED'")).rejects.toMatchObject({
      code: '42501',
    })
    await limited.end()
  })

  test('a replay of everything in other cuts changes nothing', async () => {
    const records = Array.from({ length: 60 }, (_, index) =>
      index % 10 === 3
        ? { value: 'poison', offset: index }
        : { ...price(index % 60, { current_price: 60 - index / 2 }), offset: index },
    )
    await consumeRecords(pool, priceConsumer, records)
    await pool.query("update price_alerts set status = 'SENT', sent_at = now()")
    const before = await checksum(pool)
    for (let from = 0; from < records.length; from += 7) {
      await consumeRecords(pool, priceConsumer, records.slice(from, from + 7))
    }
    expect(await checksum(pool)).toBe(before)
  })
})
