import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { dealConsumer } from '../../../lambdas/consumers/deal-consumer/deal-consumer.ts'
import { priceConsumer } from '../../../lambdas/consumers/price-consumer/price-consumer.ts'
import { OWN_CONSTRAINTS, OWN_NOT_NULL } from '../../../lambdas/core/postgres/own-constraints.ts'
import { failureCauseOf } from '../../../lambdas/core/postgres/sql-errors.ts'
import { consumeRecords } from '../../helpers/consuming.ts'
import { type FreshDatabase, freshDatabase } from '../../helpers/database.ts'
import { dealEvent, priceEvent } from '../../helpers/msk-events.ts'
import { watch } from '../../helpers/tables.ts'

let database: FreshDatabase
beforeEach(async () => {
  database = await freshDatabase()
  await watch(database.pool, {}, 45)
})
afterEach(() => database.drop())

const tables = Object.keys(OWN_NOT_NULL)

test('the constraints are those of the migrations', async () => {
  const { rows } = await database.pool.query(
    `select conname as name from pg_constraint where contype in ('c', 'f') and conrelid = any ($1::regclass[])
     union all
     select tgname from pg_trigger where tgrelid = any ($1::regclass[]) and not tgisinternal and tgtype & 1 = 1`,
    [tables],
  )
  expect(rows.map(({ name }) => name).toSorted()).toEqual([...OWN_CONSTRAINTS].toSorted())
})

test.each(tables)('the columns of %s that are not null are those of the migrations', async (table) => {
  const { rows } = await database.pool.query(
    'select attname as name from pg_attribute where attrelid = $1::regclass and attnum > 0 and attnotnull',
    [table],
  )
  expect(rows.map(({ name }) => name).toSorted()).toEqual(OWN_NOT_NULL[table]?.toSorted())
})

test.each([
  [
    'a column',
    'alter table price_history add column checked_by text; alter table price_history alter column checked_by set not null',
    '23502',
  ],
  ['a check', 'alter table price_history add check (price < 10)', '23514'],
  [
    'a foreign key',
    'create table sources (topic text primary key); alter table price_history add foreign key (topic) references sources',
    '23503',
  ],
  ['a check of deals', 'alter table watched_products add check (current_price < 10)', '23514'],
])('%s of a migration that is not ours fails the batch and rejects no record', async (_, migration, code) => {
  await database.pool.query(migration)
  for (const [consumer, event] of [
    [priceConsumer, priceEvent],
    [dealConsumer, dealEvent],
  ] as const) {
    const consuming = consumeRecords(database.pool, consumer as typeof priceConsumer, [{ value: event() }])
    await expect(consuming).rejects.toMatchObject({ code })
  }
  expect((await database.pool.query('select from rejected_records')).rowCount).toBe(0)
})

test('a record that breaks a constraint of ours is rejected alone', async () => {
  const careless: typeof priceConsumer = {
    ...priceConsumer,
    read: (...args) => {
      const found = priceConsumer.read(...args)
      return 'accepted' in found && found.accepted.event.title === 'free'
        ? { accepted: { ...found.accepted, price: '0.00' } }
        : found
    },
  }
  const { metrics } = await consumeRecords(database.pool, careless, [
    { value: priceEvent({ product_title: 'free', timestamp: '2026-02-20T12:10:00' }) },
    { value: priceEvent() },
  ])
  expect(metrics).toMatchObject({ HistoryRowsStored: 1, RecordsRejected: 1 })
})

test('a null in a column of a month is the record’s fault, like one in the table itself', async () => {
  const storing = database.pool.query(
    `insert into price_history (product_id, recorded_at, source, price, topic, partition, "offset")
     values (1, now(), 'kafka_prices', 1, null, 0, 0)`,
  )
  const error = await storing.catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: '23502', table: expect.stringMatching(/^price_history_\d{4}_\d\d$/) })
  expect(failureCauseOf(error)).toBe('record')
})

test('a price of any time finds a place: no month has to be there for it', async () => {
  const times = ['1970-01-01', '2019-07-01T12:00:00', '2099-12-31', new Date().toISOString()]
  const { metrics } = await consumeRecords(
    database.pool,
    priceConsumer,
    times.map((timestamp) => ({ value: priceEvent({ timestamp }) })),
  )
  expect(metrics).toMatchObject({ HistoryRowsStored: times.length, RecordsRejected: 0 })
})

test('a row without a partition is nobody’s fault but the database’s', () => {
  const error = Object.assign(new Error('no partition of relation "price_history" found for row'), {
    code: '23514',
    table: 'price_history',
  })
  expect(failureCauseOf(error)).toBe('infrastructure')
})
