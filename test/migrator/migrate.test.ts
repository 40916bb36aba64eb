import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import pg from 'pg'
import { type MigrationResult, migrate } from '../../lambdas/migrator/migrate.ts'
import { type FreshDatabase, freshDatabase } from '../helpers/database.ts'
import { withDatabase } from '../helpers/postgres-room.ts'
import { ownDir } from '../helpers/stoppable.ts'

let database: FreshDatabase
let directory: string
const clients: pg.Client[] = []
beforeEach(async () => {
  database = await freshDatabase()
  // As it is before anything was applied.
  await database.pool.query('drop schema public cascade; create schema public')
  directory = await ownDir('migrations')
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end()))
  await database.drop()
})

/** The folder's files: SQL by name. */
async function files(migrations: Readonly<Record<string, string>>): Promise<void> {
  await rm(directory, { recursive: true })
  await mkdir(directory)
  for (const [name, sql] of Object.entries(migrations)) await writeFile(join(directory, name), sql)
}

async function result(): Promise<MigrationResult> {
  const client = new pg.Client({ connectionString: database.url })
  clients.push(client)
  await client.connect()
  return migrate(client, directory)
}

const run = async (): Promise<readonly string[]> => (await result()).applied

const tables = async (): Promise<string[]> => {
  const { rows } = await database.pool.query<{ tablename: string }>(
    "select tablename from pg_tables where schemaname = 'public' and tablename <> 'schema_migrations' order by 1",
  )
  return rows.map(({ tablename }) => tablename)
}

const FIRST = { '0001_first.sql': 'create table a (id int); create table b (id int);' }
const SECOND = { '0002_second.sql': 'alter table a add column name text; create table c (id int);' }

test('applies files in the order of their numbers', async () => {
  await files({ ...SECOND, ...FIRST, '0010_tenth.sql': 'alter table c add column x int' })
  expect(await run()).toEqual(['0001_first.sql', '0002_second.sql', '0010_tenth.sql'])
  expect(await tables()).toEqual(['a', 'b', 'c'])
})

test('refuses a database that cannot hold every title, and says how to make one', async () => {
  await files(FIRST)
  const name = `latin_${Date.now()}`
  await database.pool.query(
    `create database ${name} encoding 'LATIN1' template template0 locale_provider libc locale 'C'`,
  )
  const client = new pg.Client({ connectionString: withDatabase(database.url, name) })
  await client.connect()
  await expect(migrate(client, directory)).rejects.toMatchObject({
    code: 'database_encoding',
    message: `The database ${name} has the encoding LATIN1: create it with ENCODING 'UTF8' and deploy again.`,
  })
  const { rowCount } = await client.query("select from pg_tables where tablename = 'schema_migrations'")
  expect(rowCount).toBe(0)
  await client.end()
  await database.pool.query(`drop database ${name}`)
})

test('applies each file once, and later what is new', async () => {
  await files(FIRST)
  expect(await run()).toEqual(['0001_first.sql'])
  expect(await run()).toEqual([])
  await files({ ...FIRST, ...SECOND })
  expect(await run()).toEqual(['0002_second.sql'])
  const { rows } = await database.pool.query('select version, name from schema_migrations order by version')
  expect(rows).toEqual([
    { version: 1, name: '0001_first.sql' },
    { version: 2, name: '0002_second.sql' },
  ])
})

test('passes over files that are no SQL', async () => {
  await files({ ...FIRST, 'README.md': 'no sql' })
  expect(await run()).toEqual(['0001_first.sql'])
})

test('refuses where an applied file was changed, and names it', async () => {
  await files(FIRST)
  await run()
  await files({ '0001_first.sql': `${FIRST['0001_first.sql']} -- changed`, ...SECOND })
  await expect(run()).rejects.toMatchObject({
    code: 'migration_changed',
    message: expect.stringContaining('0001_first.sql'),
  })
  expect(await tables()).toEqual(['a', 'b'])
})

test('leaves a database that is newer than itself as it is, and says so: a rollback ends', async () => {
  await files({ ...FIRST, ...SECOND })
  await run()
  await files(FIRST)
  expect(await result()).toEqual({ applied: [], newer: ['0002_second.sql'] })
  expect(await tables()).toEqual(['a', 'b', 'c'])
})

test('a database that is newer than itself is still refused where a known file was changed', async () => {
  await files({ ...FIRST, ...SECOND })
  await run()
  await files({ '0001_first.sql': `${FIRST['0001_first.sql']} -- changed` })
  await expect(run()).rejects.toMatchObject({ code: 'migration_changed' })
})

test('records the oldest code that works with the schema: its own unless the file names an older one', async () => {
  const third = { '0003_third.sql': '-- oldest code: 0001\ncreate table d (id int)' }
  await files({ ...FIRST, ...SECOND, ...third })
  await run()
  const { rows } = await database.pool.query('select oldest_code from schema_migrations order by version')
  expect(rows.map(({ oldest_code }) => oldest_code)).toEqual([1, 2, 1])
})

test('a database that an older migrator made is taken as it is', async () => {
  await files(FIRST)
  await run()
  await database.pool.query('alter table schema_migrations drop column oldest_code')
  expect(await run()).toEqual([])
  const { rows } = await database.pool.query('select oldest_code from schema_migrations')
  expect(rows).toEqual([{ oldest_code: 1 }])
})

test('refuses a new file that comes before an applied one', async () => {
  await files({ ...FIRST, '0003_third.sql': 'create table d (id int)' })
  await run()
  await files({ ...FIRST, ...SECOND, '0003_third.sql': 'create table d (id int)' })
  await expect(run()).rejects.toMatchObject({
    code: 'migration_out_of_order',
    message: expect.stringMatching(/0002_second\.sql.*0003_third\.sql/),
  })
})

test('a file that fails leaves nothing of itself, is named with the reason, and can be mended', async () => {
  const failing = { '0002_second.sql': 'create table c (id int); insert into nowhere values (1);' }
  await files({ ...FIRST, ...failing, '0003_third.sql': 'create table d (id int)' })
  await expect(run()).rejects.toMatchObject({
    code: 'migration_failed',
    message: '0002_second.sql: relation "nowhere" does not exist',
  })
  expect(await tables()).toEqual(['a', 'b'])
  await files({ ...FIRST, ...SECOND })
  expect(await run()).toEqual(['0002_second.sql'])
})

test('a connection that ends in the middle fails the run and leaves nothing half done', async () => {
  const fatal = {
    '0002_second.sql': 'create table c (id int); select pg_terminate_backend(pg_backend_pid());',
  }
  await files({ ...FIRST, ...fatal })
  const client = new pg.Client({ connectionString: database.url })
  client.on('error', () => undefined)
  await client.connect()
  await expect(migrate(client, directory)).rejects.toMatchObject({ code: 'migration_failed' })
  expect(await tables()).toEqual(['a', 'b'])
})

test('two migrators at once apply each file once', async () => {
  await files({ '0001_first.sql': 'create table a (id int); select pg_sleep(0.3);', ...SECOND })
  const applied = await Promise.all([run(), run(), run()])
  expect(applied.flat()).toEqual(['0001_first.sql', '0002_second.sql'])
})

test.each(['1_short.sql', '0001-dash.sql', '0001_Upper.sql', 'first.sql'])(
  '%s is refused as a name',
  async (name) => {
    await files({ [name]: 'select 1' })
    await expect(run()).rejects.toMatchObject({
      code: 'migration_name',
      message: expect.stringContaining(name),
    })
  },
)

test('two files with one number are refused', async () => {
  await files({ ...FIRST, '0001_other.sql': 'select 1' })
  await expect(run()).rejects.toMatchObject({
    code: 'migration_name',
    message: expect.stringContaining('0001_other.sql'),
  })
})
