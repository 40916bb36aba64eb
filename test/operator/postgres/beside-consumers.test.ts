import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type pg from 'pg'
import { priceConsumer } from '../../../lambdas/consumers/price-consumer/price-consumer.ts'
import { createPool } from '../../../lambdas/core/postgres/pool.ts'
import { lockProducts } from '../../../lambdas/core/prices/price-gaps.ts'
import { consumeRecords } from '../../helpers/consuming.ts'
import { type FreshDatabase, freshDatabase } from '../../helpers/database.ts'
import { priceEvent } from '../../helpers/msk-events.ts'
import { until } from '../../local/until.ts'
import { type Operators, operatorsOf } from '../operators.ts'

const [FIRST, SECOND] = ['B000000001', 'B000000002'] as const
const [ADA, BOB] = ['ada@example.com', 'bob@example.com'] as const

let database: FreshDatabase
let operators: Operators
let pool: pg.Pool
beforeEach(async () => {
  database = await freshDatabase()
  operators = operatorsOf(database.url)
  pool = createPool({ DATABASE_URL: database.url, DATABASE_AUTHENTICATION: 'password' })
  for (const user of [ADA, BOB]) await operators.ask('users.add', { email: user })
  for (const product of [FIRST, SECOND])
    await operators.ask('watches.add', { product, target: 45, user: ADA })
})
afterEach(async () => {
  await Promise.all([operators.close(), pool.end()])
  await database.drop()
})

const isWaiting = async () => {
  const { rowCount } = await database.pool.query(
    "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
  )
  return rowCount === 1
}

/** A consumer holds the first product, and only then `change` begins; once that waits, the consumer stores the prices. */
async function consumeBeside<Result>(
  change: () => Promise<Result>,
  asins: readonly string[],
): Promise<Result> {
  let changing: Promise<Result> | undefined
  const { response, metrics } = await consumeRecords(
    pool,
    {
      ...priceConsumer,
      store: async (client, records, redelivery) => {
        await lockProducts(client, [{ asin: FIRST, domain: 'de' }])
        if (!changing) {
          changing = change()
          changing.catch(() => undefined)
          await until(isWaiting)
        }
        return priceConsumer.store(client, records, redelivery)
      },
    },
    asins.map((asin, offset) => ({ value: priceEvent({ asin, current_price: 40 }), key: asin, offset })),
  )
  expect(response).toEqual({ batchItemFailures: [] })
  expect(metrics).toMatchObject({ AlertsRaised: asins.length })
  if (!changing) throw new Error('The consumer has stored nothing.')
  return changing
}

describe('beside a consumer that stores a price at the target', () => {
  // A deadlock is not broken, as it is after a second: whoever waits in one fails.
  beforeEach(async () => {
    const name = new URL(database.url).pathname.slice(1)
    for (const setting of ["deadlock_timeout = '1min'", "lock_timeout = '10s'"]) {
      await database.pool.query(`alter database ${name} set ${setting}`)
    }
    await Promise.all([operators.close(), pool.end()])
    operators = operatorsOf(database.url)
    pool = createPool({ DATABASE_URL: database.url, DATABASE_AUTHENTICATION: 'password' })
  })

  test.each([
    ['a watch is removed', 'watches.remove', { watch: FIRST, user: ADA }],
    ['many watches are removed', 'watches.change', { change: 'remove', matching: {} }],
    ['a user is removed', 'users.remove', { email: ADA }],
  ] as const)('%s without a deadlock', async (_, operation, input) => {
    await consumeBeside(() => operators.ask(operation, input), [FIRST])
    const { rows } = await operators.ask('watches.list')
    expect(rows.map(({ asin }) => asin)).toEqual(operation === 'watches.remove' ? [SECOND] : [])
  })

  test.each([
    ['paused', 'watches.pause', {}, { status: 'PAUSED' }],
    ['snoozed', 'watches.snooze', { until: '2099-01-01' }, { snoozedUntil: expect.anything() }],
    ['given another target', 'watches.target', { target: '44' }, { target: '44.00' }],
  ] as const)('a watch is %s without a deadlock', async (_, operation, input, expected) => {
    expect(
      await consumeBeside(() => operators.ask(operation, { watch: FIRST, user: ADA, ...input }), [FIRST]),
    ).toMatchObject(expected)
  })
})

test('an import that meets a consumer in a deadlock is repeated, and both end', async () => {
  const rows = [
    { line: 2, product: SECOND, domain: 'de', target: '44', user: ADA },
    { line: 3, product: FIRST, domain: 'de', target: '10', user: BOB },
  ]
  // The import holds the second product, and waits for the first, as each user's watches are a statement.
  const imported = consumeBeside(() => operators.ask('watches.import', { rows }), [FIRST, SECOND])
  expect(await imported).toEqual({ rows: 2, created: 1, changed: 1, unchanged: 0 })
})

test('a change that deadlocks each time says that it is to be asked again', async () => {
  await database.pool.query(
    `create function deadlock() returns trigger language plpgsql as $$
     begin raise exception using errcode = '40P01'; end $$;
     create trigger deadlock before update on watches execute function deadlock()`,
  )
  await expect(operators.ask('watches.pause', { watch: FIRST, user: ADA })).rejects.toMatchObject({
    code: 'busy',
    message: 'Another change of the same rows was in the way: ask again.',
  })
})
