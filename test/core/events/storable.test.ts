import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseDealUpdate } from '../../../lambdas/core/events/deal-update.ts'
import { type FreshDatabase, freshDatabase } from '../../helpers/database.ts'

let database: FreshDatabase
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.drop())

/** Where a column ends, where a price begins, and what lies just beside. */
const EDGES = [0, 0.005, 0.01, 5, 999_999.99, 2_147_483_647, 9_999_999_999.99]
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc
    .tuple(
      fc.constantFrom(...EDGES),
      fc.constantFrom(1, -1),
      fc.constantFrom(0, 1e-7, -1e-7, 4e-3, -4e-3, 6e-3),
    )
    .map(([edge, sign, beside]) => sign * (edge + beside)),
)

const INSERT = `
insert into deals (asin, domain, current_price, original_price, discount_percent, rating, review_count, sales_rank, deal_at)
select to_char(position, 'FM0000000000'), 'de', price, original, discount, rating, reviews, rank, now()
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) with ordinality
  as one (t1, t2, t3, t4, t5, t6, position),
  lateral (select t1::numeric as price, t2::numeric as original, t3::numeric as discount, t4::numeric as rating,
    t5::integer as reviews, t6::integer as rank) as typed
`

test('whatever number an event is accepted with, the columns take', async () => {
  const accepted = fc
    .sample(fc.tuple(number, number, number, number), { numRuns: 20_000, seed: 12 })
    .flatMap(([current_price, original_price, discount_percent, other]) => {
      const event = { asin: 'B07W6JN8V8', domain: 'de', event_type: 'deal_update' }
      const parsed = parseDealUpdate(JSON.stringify({ ...event, current_price, discount_percent }))
      const rest = parseDealUpdate(
        JSON.stringify({ ...event, current_price: 1, original_price, rating: other }),
      )
      const whole = parseDealUpdate(
        JSON.stringify({ ...event, current_price: 1, review_count: other, sales_rank: other }),
      )
      if (!('event' in parsed) || parsed.event.currentPrice === null) return []
      return [
        [
          parsed.event.currentPrice,
          'event' in rest ? rest.event.originalPrice : null,
          parsed.event.discountPercent,
          'event' in rest ? rest.event.rating : null,
          'event' in whole ? whole.event.reviewCount : null,
          'event' in whole ? whole.event.salesRank : null,
        ],
      ]
    })
  expect(accepted.length).toBeGreaterThan(500)
  const columns = [0, 1, 2, 3, 4, 5].map((column) =>
    accepted.map((row) => (row[column] === null ? null : String(row[column]))),
  )
  const { rowCount } = await database.pool.query(INSERT, columns)
  expect(rowCount).toBe(accepted.length)
})
