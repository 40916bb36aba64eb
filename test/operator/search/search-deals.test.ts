import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createOpenSearch } from '../../../lambdas/core/search/open-search.ts'
import type { Match } from '../../../lambdas/operator/search/deal-query.ts'
import { type FreshDatabase, freshDatabase } from '../../helpers/database.ts'
import { type Operators, operatorsOf } from '../operators.ts'
import { digitsOf, insertDeals, SEARCHES } from './deals.ts'

let database: FreshDatabase
let operators: Operators
beforeAll(async () => {
  database = await freshDatabase()
  await insertDeals(database.pool)
  operators = operatorsOf(database.url)
})
afterAll(async () => {
  await operators.close()
  await database.drop()
})

test.each(SEARCHES)('Postgres finds %s', async (_, input, found, match: Match = 'words') => {
  const { rows, ...about } = await operators.ask('deals.search', input)
  expect(digitsOf(rows)).toEqual(found)
  expect(about).toEqual({ source: 'postgres', match, hasMore: false, notice: null })
})

test('a deal is shown as the list of deals shows it', async () => {
  const { rows } = await operators.ask('deals.search', { query: 'k380', domain: 'de' })
  const listed = await operators.ask('deals.list', { domain: 'de', minDiscount: 30, maxPrice: '35' })
  expect(rows).toEqual(listed.rows.filter(({ asin }) => asin === 'B000000001'))
})

test('whole words come before parts of words', async () => {
  const { rows } = await operators.ask('deals.search', { query: 'key' })
  expect(digitsOf(rows)).toHaveLength(3)
  await database.pool.query(
    `insert into deals (asin, domain, title, current_price, deal_at) values ('B000000009', 'de', 'A key of brass, with a title that is longer than all the others', 1, now())`,
  )
  try {
    const { rows: then } = await operators.ask('deals.search', { query: 'key' })
    expect(digitsOf(then)[0]).toBe('9')
  } finally {
    await database.pool.query(`delete from deals where asin = 'B000000009'`)
  }
})

test('a limit says that there are more', async () => {
  const found = await operators.ask('deals.search', { query: 'logitech', limit: 2, sort: 'price' })
  expect([digitsOf(found.rows), found.hasMore]).toEqual([['6', '1'], true])
})

test.each(['', ' -/% ', "'"])(
  'the query "%s" is refused by a sentence that says what to write',
  async (query) => {
    await expect(operators.ask('deals.search', { query })).rejects.toMatchObject({
      code: 'input_invalid',
      message: expect.stringContaining('Write a word'),
    })
  },
)

test.each(["o'brien", '50%', 'a_b', 'x\\y', '½', '東京', "k380':*|b", 'in'])(
  'the query "%s" is words, not a pattern',
  async (query) => {
    expect((await operators.ask('deals.search', { query })).source).toBe('postgres')
  },
)

test('where OpenSearch is away, Postgres answers and says why', async () => {
  const openSearch = createOpenSearch({ SEARCH_ENDPOINT: 'http://127.0.0.1:9' })
  const others = operatorsOf(database.url, undefined, { openSearch })
  try {
    expect(await others.ask('deals.search', { query: 'tastatur' })).toMatchObject({
      source: 'postgres',
      rows: [{ asin: 'B000000002' }],
      notice: expect.stringContaining('http://127.0.0.1:9 cannot be reached'),
    })
  } finally {
    openSearch?.close()
    await others.close()
  }
})
