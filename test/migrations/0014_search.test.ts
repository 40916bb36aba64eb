import { cp, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import pg from 'pg'
import { advanceOffsets } from '../../lambdas/core/consuming/consumed-offsets.ts'
import { insertRejectedRecords } from '../../lambdas/core/consuming/rejected-records.ts'
import { migrate } from '../../lambdas/migrator/migrate.ts'
import { type FreshDatabase, freshDatabase } from '../helpers/database.ts'
import { ownDir } from '../helpers/stoppable.ts'

const MIGRATIONS = join(import.meta.dirname, '..', '..', 'migrations')
const SEARCH = 'keeper-consumer-group-search'

let database: FreshDatabase
beforeEach(async () => {
  database = await freshDatabase()
})
afterEach(() => database.drop())

/** As code before this migration rejects a record. */
const OLD_INSERT = `
insert into rejected_records (topic, partition, "offset", fingerprint, headers, reason, detail)
values ('price-updates', 0, 1, 'f', '[]', 'r', ''), ('deal-updates', 0, $1, 'f', '[]', 'r', '') on conflict do nothing`

test('records that older code rejects belong to the one group that their topic had, before and after', async () => {
  const directory = await ownDir('migrations')
  const names = (await readdir(MIGRATIONS)).filter((name) => name < '0014').sort()
  for (const name of names) await cp(join(MIGRATIONS, name), join(directory, name))
  await database.pool.query('drop schema public cascade; create schema public')
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  try {
    await migrate(client, directory)
    await client.query(OLD_INSERT, [1])
    await migrate(client, MIGRATIONS)
    await client.query(OLD_INSERT, [2])
  } finally {
    await client.end()
  }
  const { rows } = await database.pool.query(
    'select topic, "offset", consumer_group as group from rejected_records order by id',
  )
  expect(rows).toEqual([
    { topic: 'price-updates', offset: '1', group: 'keeper-consumer-group' },
    { topic: 'deal-updates', offset: '1', group: 'keeper-consumer-group-deals' },
    { topic: 'deal-updates', offset: '2', group: 'keeper-consumer-group-deals' },
  ])
})

test('the search indexer’s user rejects records and keeps its position, and reads nothing of people', async () => {
  const client = new pg.Client({
    connectionString: database.url,
    options: '-c role=keeper_search_indexer',
  })
  await client.connect()
  try {
    const record = { topic: 'deal-updates', partition: 0, offset: 7, value: '', headers: [] }
    const rejected = [{ record, reason: 'invalid_json' as const, detail: '' }]
    expect(await insertRejectedRecords(client, SEARCH, rejected)).toBe(1)
    expect(await insertRejectedRecords(client, SEARCH, rejected)).toBe(0)
    expect(await advanceOffsets(client, SEARCH, [record])).toEqual([])
    await client.query('select max(oldest_code) from schema_migrations')
    for (const sql of ['select from rejected_records', 'select from deals', 'select from users']) {
      await expect(client.query(sql)).rejects.toMatchObject({ code: '42501' })
    }
  } finally {
    await client.end()
  }
})
