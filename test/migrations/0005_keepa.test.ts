import { cp, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import pg from 'pg'
import { MARKETPLACES } from '../../lambdas/core/marketplaces.ts'
import { migrate } from '../../lambdas/migrator/migrate.ts'
import { type FreshDatabase, freshDatabase } from '../helpers/database.ts'
import { ownDir } from '../helpers/stoppable.ts'

const MIGRATIONS = join(import.meta.dirname, '..', '..', 'migrations')

let database: FreshDatabase
beforeEach(async () => {
  database = await freshDatabase()
})
afterEach(() => database.drop())

const add = (domain: string, asin = 'B07W6JN8V8') =>
  database.pool.query(
    `insert into watched_products (asin, domain, title, currency) values ($1, $2, '', 'EUR')`,
    [asin, domain],
  )
const keys = async () => {
  const { rows } = await database.pool.query('select domain, asin from watched_products order by id')
  return rows.map(({ domain, asin }) => `${domain} ${asin}`)
}

test('a watched product is of a marketplace that the code knows', async () => {
  for (const { domain } of MARKETPLACES) await add(domain)
  expect(await keys()).toHaveLength(MARKETPLACES.length)
})

test.each(['DE', 'pl', 'amazon.de', ' de', ''])(
  'the marketplace "%s" is refused by a check that says so',
  async (domain) => {
    await expect(add(domain)).rejects.toMatchObject({
      code: '23514',
      constraint: 'watched_products_domain_is_a_marketplace',
    })
  },
)

test.each(['b07w6jn8v8', 'B07W6JN8V ', 'B07W-JN8V8'])(
  'the ASIN "%s" is refused by a sentence that says what one is',
  async (asin) => {
    await expect(add('de', asin)).rejects.toMatchObject({
      code: '23514',
      constraint: 'watched_products_asin_is_well_formed',
      message: `asin is "${asin}": an ASIN must be ten characters A-Z and 0-9`,
    })
  },
)

test('rows from before are put right where that is possible, and kept where it is not', async () => {
  const directory = await ownDir('migrations')
  const names = (await readdir(MIGRATIONS)).filter((name) => name < '0005').sort()
  for (const name of names) await cp(join(MIGRATIONS, name), join(directory, name))
  await database.pool.query('drop schema public cascade; create schema public')
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  try {
    await migrate(client, directory)
    await add('DE', 'b07w6jn8v8')
    await add('de', 'B000000002')
    await add('De', 'B000000002')
    await add('pl', 'B000000003')
    await migrate(client, MIGRATIONS)
  } finally {
    await client.end()
  }
  expect(await keys()).toEqual(['de B07W6JN8V8', 'de B000000002', 'De B000000002', 'pl B000000003'])
  await expect(add('pl', 'B000000004')).rejects.toMatchObject({ code: '23514' })
  await database.pool.query(`delete from watched_products where domain = 'pl'`)
})
