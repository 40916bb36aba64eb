import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { priceConsumer } from '../../lambdas/consumers/price-consumer/price-consumer.ts'
import { consumeRecords } from '../helpers/consuming.ts'
import { type FreshDatabase, freshDatabase } from '../helpers/database.ts'
import { priceEvent, type TestRecord } from '../helpers/msk-events.ts'
import { watch } from '../helpers/tables.ts'
import { until } from '../local/until.ts'

/** A consumer whose process is killed, wherever it is: the batch comes again to another one. */
const BATCH: readonly TestRecord[] = [
  { value: priceEvent({ current_price: 40, timestamp: '2026-02-20T12:10:00' }), offset: 0 },
  { value: 'poison', offset: 1 },
  { value: priceEvent({ current_price: 39, timestamp: '2026-02-20T12:11:00' }), offset: 2 },
]
const WHOLE = { prices: 2, alerts: 1, rejected: 1 }
const NOTHING = { prices: 0, alerts: 0, rejected: 0 }

let database: FreshDatabase
beforeEach(async () => {
  database = await freshDatabase()
  await watch(database.pool, {}, 45)
})
afterEach(() => database.drop())

const consumer = (): ChildProcess =>
  spawn(
    process.execPath,
    [join(import.meta.dirname, 'consumer-process.ts'), database.url, JSON.stringify(BATCH)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

async function stored() {
  const { rows } = await database.pool.query<typeof WHOLE>(
    `select (select count(*)::integer from price_history) as prices, (select count(*)::integer from price_alerts) as alerts,
       (select count(*)::integer from rejected_records) as rejected`,
  )
  return rows[0]
}

/** Whether a backend is in a state. */
const backend = async (condition: string): Promise<boolean> =>
  ((
    await database.pool.query(
      `select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and ${condition}`,
    )
  ).rowCount ?? 0) > 0

test('after it has read and before it stores, nothing is stored, and the next one stores all', async () => {
  const other = await database.pool.connect()
  await other.query('begin; select from watched_products for update')
  const child = consumer()
  await until(() => backend("wait_event_type = 'Lock'"))
  await kill(child)
  await other.query('commit')
  other.release()
  // Its backend stores what it was sent, and is never asked to commit.
  await until(async () => !(await backend("application_name = 'keeper'")))
  expect(await stored()).toEqual(NOTHING)
  await consumeRecords(database.pool, priceConsumer, BATCH)
  expect(await stored()).toEqual(WHOLE)
})

test('while it commits, the commit holds, and the next one adds nothing', async () => {
  await database.pool.query(`
    create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(0.5); return null; end $$;
    create constraint trigger slow after insert on price_alerts deferrable initially deferred
      for each row execute function slow()`)
  const child = consumer()
  await until(() => backend("query = 'commit' and state = 'active'"))
  await kill(child)
  await until(async () => !(await backend("application_name = 'keeper'")))
  expect(await stored()).toEqual(WHOLE)
  const { metrics } = await consumeRecords(database.pool, priceConsumer, BATCH)
  expect(metrics).toMatchObject({ HistoryRowsStored: 0, AlertsRaised: 0, RecordsRejected: 0 })
  expect(await stored()).toEqual(WHOLE)
})

test('after the commit and before it answers, the next one adds nothing', async () => {
  const child = consumer()
  for await (const chunk of child.stdout ?? []) if (String(chunk).includes('answers')) break
  await kill(child)
  const { metrics } = await consumeRecords(database.pool, priceConsumer, BATCH)
  expect(metrics).toMatchObject({ HistoryRowsStored: 0, AlertsRaised: 0, RecordsRejected: 0 })
  expect(await stored()).toEqual(WHOLE)
})
