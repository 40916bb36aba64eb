import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { dealConsumer } from '../../../lambdas/consumers/deal-consumer/deal-consumer.ts'
import { priceConsumer } from '../../../lambdas/consumers/price-consumer/price-consumer.ts'
import { createPool } from '../../../lambdas/core/postgres/pool.ts'
import { consumeRecords } from '../../helpers/consuming.ts'
import { type FreshDatabase, freshDatabase } from '../../helpers/database.ts'
import { dealEvent, priceEvent } from '../../helpers/msk-events.ts'
import { watch } from '../../helpers/tables.ts'
import { until } from '../../local/until.ts'

/**
 * A deadlock is tried again, so a batch in a wrong order would be stored as well, only slower, and not at all once there
 * are many: the order itself is what a test has to look at.
 */
const [FIRST, SECOND] = ['B000000001', 'B000000002']

let database: FreshDatabase
let pool: ReturnType<typeof createPool>
beforeEach(async () => {
  database = await freshDatabase()
  for (const asin of [SECOND, FIRST]) await watch(database.pool, { asin }, 45)
  // A small table is read whole, in the order of its key. A large one is asked for one product after the other, in the
  // order in which the statement has them: a merge join is what a small table would get instead.
  await database.pool.query(
    `alter database ${new URL(database.url).pathname.slice(1)} set enable_mergejoin = off`,
  )
  pool = createPool({ DATABASE_URL: database.url, DATABASE_AUTHENTICATION: 'password' })
})
afterEach(async () => {
  await pool.end()
  await database.drop()
})

test.each([
  ['prices', priceConsumer, [priceEvent({ asin: SECOND }), priceEvent({ asin: FIRST })]],
  [
    'prices and gaps',
    priceConsumer,
    [priceEvent({ asin: SECOND }), priceEvent({ asin: FIRST, current_price: null })],
  ],
  ['deals', dealConsumer, [dealEvent({ asin: SECOND }), dealEvent({ asin: FIRST })]],
] as const)(
  '%s lock their products in the order of keys, whatever that of the batch is',
  async (_, consumer, events) => {
    const other = await database.pool.connect()
    const lock = (asin: string) =>
      other.query('select from watched_products where asin = $1 for no key update nowait', [asin])
    await other.query('begin')
    await lock(FIRST)
    const consuming = consumeRecords(
      pool,
      consumer as typeof priceConsumer,
      events.map((value, offset) => ({ value, offset })),
    )
    const waiting =
      "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    await until(async () => (await database.pool.query(waiting)).rowCount === 1)
    // Free still: who waits for the first has not taken the second.
    await lock(SECOND)
    await other.query('commit')
    other.release()
    expect((await consuming).response).toEqual({ batchItemFailures: [] })
  },
)
