import { cp, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import pg from 'pg'
import { migrate } from '../../lambdas/migrator/migrate.ts'
import { askForPostgres } from '../helpers/engines.ts'
import { withDatabase } from '../helpers/postgres-room.ts'
import { ownDir } from '../helpers/stoppable.ts'

const MIGRATIONS = join(import.meta.dirname, '..', '..', 'migrations')
const NAME = `months_${process.pid}`

let server: pg.Client
let client: pg.Client
beforeEach(async () => {
  const { databaseUrl } = await askForPostgres()
  server = new pg.Client({ connectionString: databaseUrl })
  await server.connect()
  await server.query(`create database ${NAME}`)
  client = new pg.Client({ connectionString: withDatabase(databaseUrl, NAME) })
  await client.connect()
  await migrateTo('0015')
})
afterEach(async () => {
  await client.end()
  await server.query(`drop database ${NAME} with (force)`)
  await server.query('drop role if exists reports_of_ours')
  await server.end()
})

/** Applies the migrations before `version`, or all. */
async function migrateTo(version = '9999'): Promise<void> {
  const directory = await ownDir('migrations-')
  for (const name of await readdir(MIGRATIONS)) {
    if (name < version) await cp(join(MIGRATIONS, name), join(directory, name))
  }
  await migrate(client, directory)
}

const add = (...times: readonly string[]) =>
  client.query(
    `insert into price_history (product_id, recorded_at, source, price, topic, partition, "offset")
     select 1, recorded_at, 'kafka_prices', 9.99, 'price-updates', 0, place
     from unnest($1::timestamptz[]) with ordinality as given (recorded_at, place)`,
    [times],
  )

const partitions = async () => {
  const { rows } = await client.query<{ place: string; rows: number }>(
    `select tableoid::regclass::text as place, count(*)::integer as rows from price_history group by 1 order by 1`,
  )
  return Object.fromEntries(rows.map(({ place, rows: count }) => [place, count]))
}

test('a history that is there becomes one partition, rows of impossible times go beside it, and everybody keeps their rights', async () => {
  await client.query('create role reports_of_ours; grant select on price_history to reports_of_ours')
  await add('1970-01-01', '2014-05-01', '2026-02-20T12:30:00Z', '2099-01-01')
  const content = () => client.query('select * from price_history order by recorded_at')
  const before = (await content()).rows
  await migrateTo()
  expect((await content()).rows).toEqual(before)
  expect(await partitions()).toEqual({ price_history_whole: 2, price_history_other: 2 })
  const { rows } = await client.query(
    `select has_table_privilege('reports_of_ours', 'price_history', 'select') as select,
       has_table_privilege('reports_of_ours', 'price_history', 'insert') as insert,
       has_table_privilege('keeper_price_consumer', 'price_history', 'insert') as consumer`,
  )
  expect(rows).toEqual([{ select: true, insert: false, consumer: true }])
  // As before, the same observation is refused.
  await expect(add('2014-05-01')).rejects.toMatchObject({ code: '23505' })
})

test('a database without prices gets months at once, three of them ahead', async () => {
  await migrateTo()
  const { rows } = await client.query<{ name: string }>(
    'select name from price_history_partitions where since is not null',
  )
  expect(rows).toHaveLength(4)
  const ahead = new Date()
  ahead.setUTCMonth(ahead.getUTCMonth() + 3, 1)
  await add(new Date().toISOString(), ahead.toISOString())
  expect(await partitions()).not.toHaveProperty('price_history_other')
})
