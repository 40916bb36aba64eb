import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { seedDemoWatches } from '../../local/demo.ts'
import { type Market, startMarket } from '../../local/market/market.ts'
import { type FreshDatabase, freshDatabase } from '../helpers/database.ts'

let database: FreshDatabase
let market: Market
beforeAll(async () => {
  ;[database, market] = await Promise.all([freshDatabase(), startMarket()])
})
afterAll(async () => {
  await market?.close()
  await database?.drop()
})

test('the demo watches products that can have a price, and only where nobody watches anything', async () => {
  const { entries } = market.catalogue
  expect(await seedDemoWatches(database.pool, entries)).toBe(24)
  const { rows } = await database.pool.query<{ place: string }>(
    `select domain || ' ' || asin as place from watched_products`,
  )
  const watched = entries.filter(({ domain, asin }) =>
    rows.some(({ place }) => place === `${domain} ${asin}`),
  )
  expect(watched).toHaveLength(24)
  expect(watched.filter(({ offer }) => offer === 'e-book' || offer === 'never-offered')).toEqual([])

  expect(await seedDemoWatches(database.pool, entries)).toBe(0)
  expect((await database.pool.query('select from watches')).rowCount).toBe(24)
})
