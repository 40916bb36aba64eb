import { expect, test } from '@jest/globals'
import { createPool } from '../../../lambdas/core/postgres/pool.ts'
import { freshDatabase, haltedBackend } from '../../helpers/database.ts'

test('a query whose server is silent fails within the limit, and the next one has a new connection', async () => {
  const database = await freshDatabase()
  const environment = { DATABASE_URL: database.url, DATABASE_AUTHENTICATION: 'password' }
  const pool = createPool(environment, { queryTimeoutMs: 500 })
  const backend = await haltedBackend(pool)
  await expect(pool.query('select 1')).rejects.toThrow('Query read timeout')
  const { rows } = await pool.query('select 1 as answer')
  expect(rows).toEqual([{ answer: 1 }])
  backend.wake()
  await pool.end()
  await database.drop()
})
