import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { priceConsumer } from '../../../lambdas/consumers/price-consumer/price-consumer.ts'
import { consumeRecords } from '../../helpers/consuming.ts'
import { type FreshDatabase, freshDatabase } from '../../helpers/database.ts'
import { priceEvent } from '../../helpers/msk-events.ts'
import { watch } from '../../helpers/tables.ts'

let database: FreshDatabase
beforeEach(async () => {
  database = await freshDatabase()
  await watch(database.pool, {}, null)
})
afterEach(() => database.drop())

/** Records of a partition from one offset to another. */
const records = (from: number, to: number, partition = 0) =>
  Array.from({ length: to - from + 1 }, (_, index) => ({
    value: priceEvent({ current_price: 10 + from + index }),
    offset: from + index,
    partition,
  }))
const consume = async (...batch: ReturnType<typeof records>) => {
  const { metrics, logged } = await consumeRecords(database.pool, priceConsumer, batch)
  return { missed: metrics.RecordsMissed, logged }
}

test('records that Kafka deleted before they were read are counted, and named by their offsets', async () => {
  await consume(...records(10, 14), ...records(3, 4, 1))
  const { missed, logged } = await consume(...records(40, 41), ...records(5, 6, 1))
  expect(missed).toBe(25)
  expect(logged).toEqual([
    expect.objectContaining({
      level: 'ERROR',
      message: 'records were deleted before they were read',
      topic: 'price-updates',
      partition: 0,
      first: 15,
      last: 39,
    }),
  ])
})

test('the first batch of a group, and batches without a gap, miss nothing', async () => {
  expect((await consume(...records(1000, 1001))).missed).toBe(0)
  expect((await consume(...records(1002, 1010))).missed).toBe(0)
})

test('a redelivery and a replay miss nothing, and what was stored before counts as read', async () => {
  await consume(...records(0, 9))
  await consume(...records(10, 19))
  expect((await consume(...records(10, 19))).missed).toBe(0)
  expect((await consume(...records(0, 4))).missed).toBe(0)
  expect((await consume(...records(15, 21))).missed).toBe(0)
  expect((await consume(...records(23, 24))).missed).toBe(1)
})

test('a gap is counted once, also where the batch that shows it comes again', async () => {
  await consume(...records(0, 9))
  expect((await consume(...records(20, 21))).missed).toBe(10)
  expect((await consume(...records(20, 21))).missed).toBe(0)
})

test('tombstones and rejected records are read, and leave no gap', async () => {
  await consume(...records(0, 1))
  await consume(
    { value: null, offset: 2, partition: 0 } as never,
    { value: '{', offset: 3, partition: 0 } as never,
  )
  expect((await consume(...records(4, 5))).missed).toBe(0)
})

test('a batch that fails is not remembered as read', async () => {
  await consume(...records(0, 1))
  await database.pool.query('alter table price_history rename to elsewhere')
  await expect(consume(...records(5, 6))).rejects.toThrow()
  await database.pool.query('alter table elsewhere rename to price_history')
  expect((await consume(...records(5, 6))).missed).toBe(3)
})
