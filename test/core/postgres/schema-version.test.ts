import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { priceConsumer } from '../../../lambdas/consumers/price-consumer/price-consumer.ts'
import { createPool } from '../../../lambdas/core/postgres/pool.ts'
import { SCHEMA_VERSION } from '../../../lambdas/core/postgres/schema-version.ts'
import { consumeRecords } from '../../helpers/consuming.ts'
import { type FreshDatabase, freshDatabase } from '../../helpers/database.ts'
import { priceEvent } from '../../helpers/msk-events.ts'
import { watch } from '../../helpers/tables.ts'

const MIGRATIONS = join(import.meta.dirname, '..', '..', '..', 'migrations')

let database: FreshDatabase
beforeEach(async () => {
  database = await freshDatabase()
  await watch(database.pool, {}, 45)
})
afterEach(() => database.drop())

/** Consumes a price as code does after a rollback: the schema has a migration more, made for `oldestCode`. */
async function consumeAfterRollback(oldestCode: number) {
  const newer = [SCHEMA_VERSION + 1, '9999_newer.sql', 'checksum', oldestCode]
  await database.pool.query(
    'insert into schema_migrations (version, name, checksum, oldest_code) values ($1, $2, $3, $4)',
    newer,
  )
  const pool = createPool({ DATABASE_URL: database.url, DATABASE_AUTHENTICATION: 'password' })
  try {
    return await consumeRecords(pool, priceConsumer, [{ value: priceEvent() }, { value: 'poison' }])
  } finally {
    await pool.end()
  }
}

test('code that the schema still works with stores records after a rollback', async () => {
  const { metrics } = await consumeAfterRollback(SCHEMA_VERSION)
  expect(metrics).toMatchObject({ HistoryRowsStored: 1, RecordsRejected: 1 })
})

test('code that is too old for the schema commits nothing, rejects nothing, and names what to do', async () => {
  await expect(consumeAfterRollback(SCHEMA_VERSION + 1)).rejects.toMatchObject({
    code: 'schema_newer',
    retriable: true,
    message: expect.stringContaining('Deploy the version that added migration'),
  })
  const rows = await database.pool.query('select from price_history union all select from rejected_records')
  expect(rows.rowCount).toBe(0)
})

test('the code knows the newest migration, and each migration since the second says which code it works with', async () => {
  const names = (await readdir(MIGRATIONS)).filter((name) => name.endsWith('.sql')).toSorted()
  expect(Number(names.at(-1)?.slice(0, 4))).toBe(SCHEMA_VERSION)
  for (const name of names.slice(2)) {
    const [, oldest] = /^-- oldest code: (\d{4})$/m.exec(await readFile(join(MIGRATIONS, name), 'utf8')) ?? []
    expect([name, Number(oldest)]).toEqual([name, expect.any(Number)])
    expect(Number(oldest)).toBeLessThanOrEqual(Number(name.slice(0, 4)))
  }
})
