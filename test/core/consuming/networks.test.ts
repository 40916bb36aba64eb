import { execFileSync } from 'node:child_process'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type pg from 'pg'
import { priceConsumer } from '../../../lambdas/consumers/price-consumer/price-consumer.ts'
import { createPool } from '../../../lambdas/core/postgres/pool.ts'
import { serverUser } from '../../../local/engines/postgres/server-user.ts'
import { consumeRecords } from '../../helpers/consuming.ts'
import { type FreshDatabase, freshDatabase } from '../../helpers/database.ts'
import { type FaultyProxy, faultyProxy } from '../../helpers/faulty-proxy.ts'
import { priceEvent, type TestRecord } from '../../helpers/msk-events.ts'
import { watch } from '../../helpers/tables.ts'
import { until } from '../../local/until.ts'

/** Postgres that is there, and what it needs is not: the way to it, a connection, room on its disk. */
const cheap: TestRecord = { value: priceEvent({ current_price: 40 }), offset: 1 }

let database: FreshDatabase
let network: FaultyProxy
let pool: pg.Pool
beforeEach(async () => {
  database = await freshDatabase()
  await watch(database.pool, {}, 45)
  const url = new URL(database.url)
  network = await faultyProxy(Number(url.port))
  url.port = String(network.port)
  pool = createPool({ DATABASE_URL: url.href, DATABASE_AUTHENTICATION: 'password' })
  // A warm connection, as between two invocations.
  await pool.query('select 1')
})
afterEach(async () => {
  network.heal()
  await pool.end()
  await network.close()
  await database.drop()
})

/** The consumer, and what becomes of the network once its statements are answered and before it commits. */
const failing = (fail: () => void): typeof priceConsumer => ({
  ...priceConsumer,
  store: async (...args) => {
    const sent = await priceConsumer.store(...args)
    await sent.answers
    fail()
    return sent
  },
})

/** Once: the attempt that follows finds the network as it was. */
function once(act: () => void): () => void {
  let isDone = false
  return () => {
    if (!isDone) act()
    isDone = true
  }
}

async function expectOneRowAndAlert(): Promise<void> {
  const { rows } = await database.pool.query(
    'select (select count(*)::integer from price_history) as prices, (select count(*)::integer from price_alerts) as alerts',
  )
  expect(rows).toEqual([{ prices: 1, alerts: 1 }])
}

describe('a network', () => {
  test.each(['before', 'in the middle of'])(
    'that freezes %s the transaction fails the batch in time, which is stored once when it comes again',
    async (when) => {
      const freeze = once(network.freeze)
      if (when === 'before') freeze()
      await expect(
        consumeRecords(pool, failing(freeze), [cheap], { deadlineMs: Date.now() + 1_500 }),
      ).rejects.toMatchObject({ code: 'deadline_reached', retriable: true })
      network.heal()
      await consumeRecords(pool, priceConsumer, [cheap])
      await expectOneRowAndAlert()
    },
  )

  test.each(['cut', 'halfClose'] as const)(
    'that ends connections (%s) in the middle of the transaction is replaced within the invocation',
    async (how) => {
      const { response } = await consumeRecords(pool, failing(once(() => network[how]())), [cheap])
      expect(response).toEqual({ batchItemFailures: [] })
      await expectOneRowAndAlert()
    },
  )

  test('that loses the answer to a commit leaves one row and one alert: the batch finds itself stored', async () => {
    await database.pool.query(`
      create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(0.5); return null; end $$;
      create constraint trigger slow after insert on price_alerts deferrable initially deferred
        for each row execute function slow()`)
    const consuming = consumeRecords(pool, priceConsumer, [cheap])
    const committing =
      "select from pg_stat_activity where datname = current_database() and query = 'commit' and state = 'active'"
    await until(async () => (await database.pool.query(committing)).rowCount === 1)
    network.cut()
    const { response, metrics } = await consuming
    expect(response).toEqual({ batchItemFailures: [] })
    expect(metrics).toMatchObject({ HistoryRowsStored: 0, AlertsRaised: 0 })
    await expectOneRowAndAlert()
  })

  test('that is slow only takes longer', async () => {
    network.delay(100)
    const { metrics } = await consumeRecords(pool, priceConsumer, [cheap])
    expect(metrics).toMatchObject({ HistoryRowsStored: 1, AlertsRaised: 1 })
  })
})

test('a server without a connection left fails the batch and rejects nothing; with one, all is stored', async () => {
  const role = `few_${database.url.split('_').at(-1)}`
  await database.pool.query(
    `create role ${role} login password 'few' in role keeper_price_consumer connection limit 0`,
  )
  const url = new URL(database.url)
  url.username = role
  url.password = 'few'
  const limited = createPool({ DATABASE_URL: url.href, DATABASE_AUTHENTICATION: 'password' })
  try {
    await expect(consumeRecords(limited, priceConsumer, [cheap])).rejects.toMatchObject({ code: '53300' })
    await database.pool.query(`alter role ${role} connection limit 1`)
    const { metrics } = await consumeRecords(limited, priceConsumer, [cheap])
    expect(metrics).toMatchObject({ HistoryRowsStored: 1, AlertsRaised: 1, RecordsRejected: 0 })
  } finally {
    await limited.end()
    await database.pool.query(`drop role ${role}`)
  }
})

test('a disk without room fails the batch and rejects nothing; with room, all is stored', async () => {
  // No file of this backend may grow beyond 16 MB, the size of a segment of the log, and the history is that large.
  await database.pool.query(
    `insert into price_history (product_id, recorded_at, source, price, topic, partition, "offset")
     select -1, timestamptz '2026-02-01' + n * interval '1 second', 'kafka_prices', 1, repeat('x', 1900), 0, n
     from generate_series(1, 9000) as n`,
  )
  const { rows } = await pool.query<{ pid: number }>('select pg_backend_pid() as pid')
  const user = await serverUser()
  const limit = (size: string) =>
    execFileSync('prlimit', ['--pid', String(rows[0]?.pid), `--fsize=${size}:`], { ...user })
  // More than the pages by which Postgres extends a table at once.
  const many = Array.from({ length: 8_000 }, (_, offset): TestRecord => {
    const timestamp = new Date(Date.UTC(2026, 1, 20, 12, 0, offset)).toISOString()
    return { value: priceEvent({ timestamp }), offset }
  })
  limit('16777216')
  await expect(consumeRecords(pool, priceConsumer, many)).rejects.toMatchObject({
    code: expect.stringMatching(/^(53100|58030|XX000)$/),
  })
  const rejected = await database.pool.query('select from rejected_records')
  expect(rejected.rowCount).toBe(0)
  limit('unlimited')
  const { metrics } = await consumeRecords(pool, priceConsumer, many)
  expect(metrics).toMatchObject({ HistoryRowsStored: 8_000, RecordsRejected: 0 })
})
