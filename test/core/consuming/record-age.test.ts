import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { priceConsumer } from '../../../lambdas/consumers/price-consumer/price-consumer.ts'
import { consumeRecords } from '../../helpers/consuming.ts'
import { type FreshDatabase, freshDatabase } from '../../helpers/database.ts'
import { priceEvent, type TestRecord } from '../../helpers/msk-events.ts'

let database: FreshDatabase
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.drop())

const HOUR_MS = 3_600_000
const ageOf = async (...records: TestRecord[]) =>
  (await consumeRecords(database.pool, priceConsumer, records)).metrics.RecordAgeSeconds ?? Number.NaN

test('is the oldest record’s by the time of Kafka, whatever its partition and its event’s time', async () => {
  const now = Date.now()
  const age = await ageOf(
    { value: priceEvent(), partition: 0, timestamp: now - HOUR_MS },
    { value: priceEvent({ timestamp: '2020-01-01T00:00:00' }), partition: 1, timestamp: now - 3 * HOUR_MS },
    { value: null, partition: 2, timestamp: now - 2 * HOUR_MS },
  )
  expect(age).toBeGreaterThanOrEqual(3 * 3600)
  expect(age).toBeLessThan(4 * 3600)
})

test('is 0 for a record that Kafka has no time of, or whose time is yet to come', async () => {
  const later = Date.now() + HOUR_MS
  expect(await ageOf({ value: priceEvent(), timestamp: -1 }, { value: priceEvent(), timestamp: later })).toBe(
    0,
  )
})
