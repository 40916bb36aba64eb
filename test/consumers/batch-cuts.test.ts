import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { dealConsumer } from '../../lambdas/consumers/deal-consumer/deal-consumer.ts'
import { priceConsumer } from '../../lambdas/consumers/price-consumer/price-consumer.ts'
import { consumeRecords } from '../helpers/consuming.ts'
import { type FreshDatabase, freshDatabase } from '../helpers/database.ts'
import { dealEvent, priceEvent, type TestRecord } from '../helpers/msk-events.ts'
import { content, watch } from '../helpers/tables.ts'

/**
 * Whatever the cut into batches, the tables end up the same: a random stream is consumed record by record, and once
 * more in random cuts with batches delivered twice, and the tables are compared.
 */
const ASINS = ['B000000001', 'B000000002', 'B000000003']

/** Small ranges, so that equal times, equal prices and thresholds are met often. */
const event = fc.record({
  asin: fc.constantFrom(...ASINS, 'B000000009'),
  current_price: fc.constantFrom(0, null, null, 39, 40, 44, 45, 45.45, 45.46, 46, 50),
  timestamp: fc.oneof(
    { weight: 10, arbitrary: fc.integer({ min: 10, max: 20 }).map((minute) => `2026-02-20T12:${minute}:00`) },
    { weight: 1, arbitrary: fc.constantFrom('2099-01-01', '1970-01-01', 'never') },
  ),
  product_title: fc.constantFrom('', 'One', 'Two'),
  // Of the price topic alone: the past, as history-import sends it.
  history: fc.oneof(
    { weight: 5, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  ),
})
const value = fc.oneof(
  { weight: 12, arbitrary: event },
  { weight: 1, arbitrary: fc.constantFrom('{', 'null', null) },
)
const stream = fc.array(value, { minLength: 1, maxLength: 40 })
const cuts = fc.infiniteStream(fc.integer({ min: 1, max: 9 }))

let oneByOne: FreshDatabase
let inBatches: FreshDatabase
beforeAll(async () => {
  ;[oneByOne, inBatches] = await Promise.all([freshDatabase(), freshDatabase()])
})
afterAll(() => Promise.all([oneByOne, inBatches].map((database) => database.drop())))

/** Nothing but watches on three products, some of them with an alert that was sent before. */
async function prepare(database: FreshDatabase): Promise<void> {
  await database.pool.query(
    'truncate users, watched_products, price_history, price_gaps, deals, rejected_records, consumed_offsets restart identity cascade',
  )
  for (const asin of ASINS) await watch(database.pool, { asin }, 45, 40, null)
  await database.pool.query(
    `insert into price_alerts (watch_id, triggered_price, target_price, status, triggered_at)
     select id, 44.50, target_price, 'SENT', '2026-02-20T12:12:00Z' from watches where id % 3 = 1 and target_price > 0`,
  )
}

test.each([
  ['prices', priceConsumer, priceEvent],
  ['deals', dealConsumer, dealEvent],
] as const)(
  '%s end up in the same rows however they are cut and redelivered',
  async (_, consumer, eventOf) => {
    await fc.assert(
      fc.asyncProperty(stream, cuts, async (values, sizes) => {
        const records = values.map(
          (changes, offset): TestRecord => ({
            value: typeof changes === 'object' && changes !== null ? eventOf(changes) : changes,
            offset,
          }),
        )
        await Promise.all([oneByOne, inBatches].map(prepare))
        for (const record of records)
          await consumeRecords(oneByOne.pool, consumer as typeof priceConsumer, [record])
        for (let from = 0; from < records.length; ) {
          const size = sizes.next().value ?? 1
          const batch = records.slice(from, from + size)
          await consumeRecords(inBatches.pool, consumer as typeof priceConsumer, batch)
          // Every other batch comes once more, as after a lost answer.
          if (size % 2 === 0) await consumeRecords(inBatches.pool, consumer as typeof priceConsumer, batch)
          from += size
        }
        expect(await content(inBatches.pool)).toEqual(await content(oneByOne.pool))
      }),
      { numRuns: 25 },
    )
  },
  180_000,
)
