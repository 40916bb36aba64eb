import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { type FreshDatabase, freshDatabase } from './database.ts'
import { askForPostgres } from './engines.ts'
import { type TestKafka, testKafka } from './kafka.ts'
import { ownBroker } from './own-broker.ts'
import { stoppableBroker, stoppablePostgres } from './stoppable.ts'
import { watch } from './tables.ts'
import { definitionOf, emptied } from './used-database.ts'

describe('freshDatabase', () => {
  test('gives each test its own empty database', async () => {
    const [first, second] = await Promise.all([freshDatabase(), freshDatabase()])
    await first.pool.query('CREATE TABLE mine (id int)')
    await expect(second.pool.query('SELECT * FROM mine')).rejects.toMatchObject({ code: '42P01' })
    await Promise.all([first.drop(), second.drop()])
  })

  test('is empty for the next test where one changed rows only, and counts from one', async () => {
    const { pool, drop } = await freshDatabase()
    const client = await pool.connect()
    const definition = await definitionOf(client)
    await watch(pool, { asin: 'B000000001' }, 45, null)
    await watch(pool, { asin: 'B000000002' }, 40)
    await pool.query(
      `insert into price_history (product_id, recorded_at, source, price, topic, partition, "offset")
       select id, month, 'kafka_prices', 10, 'prices', 0, 0
       from watched_products, unnest(array[now(), now() - interval '3 years']) as month`,
    )
    await pool.query(
      "update watched_products set title = 'Another'; delete from watches where target_price = 40",
    )
    expect(await emptied(client, definition)).toBe(true)
    const { rows } = await pool.query<{ name: string }>(
      `select relname as name from pg_class
       where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace and relname <> 'schema_migrations'`,
    )
    expect(rows.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['price_history_other', 'product_words']),
    )
    const filled = rows.map(({ name }) => `select '${name}' as name where exists (select from ${name})`)
    expect((await pool.query(filled.join(' union all '))).rows).toEqual([])
    expect(await watch(pool, {}, 45)).toEqual(['1'])
    client.release()
    await drop()
  })

  test('is kept for the next test where one changed rows only, and dropped where one changed the schema', async () => {
    const { databaseUrl } = await askForPostgres()
    const remains = async (statement: string) => {
      const { url, pool, drop } = await freshDatabase()
      await pool.query(statement)
      await drop()
      const server = new pg.Client({ connectionString: databaseUrl })
      await server.connect()
      const name = new URL(url).pathname.slice(1)
      const { rowCount } = await server.query('select from pg_database where datname = $1', [name])
      await server.end()
      return rowCount === 1
    }
    expect(await remains("insert into users (email) values ('a@test'); set timezone = 'Asia/Tokyo'")).toBe(
      true,
    )
    expect(await remains('create table mine (id int)')).toBe(false)
  })

  describe('notices that a test left', () => {
    let database: FreshDatabase
    beforeAll(async () => {
      database = await freshDatabase()
    })
    afterAll(() => database.drop())

    test.each([
      ['a table of its own', 'create table mine (id int)'],
      ['a table that was away', 'alter table watches rename to away; alter table away rename to watches'],
      ['a new column', 'alter table watches add column mine int'],
      ['another default', "alter table watches alter column status set default 'PAUSED'"],
      ['a column that may be null', 'alter table watches alter column status drop not null'],
      ['a new check', 'alter table watches add check (target_price < 10) not valid'],
      ['no unique constraint', 'alter table watches drop constraint watches_product_id_user_id_key'],
      [
        'another function',
        `create or replace function forget_price_history() returns trigger language plpgsql as 'begin end'`,
      ],
      ['a trigger that is off', 'alter table watches disable trigger watches_updated'],
      ['no index', 'drop index messages_old'],
      ['a right', 'grant select on users to public'],
      ['a right on a column', 'grant select (email) on users to public'],
      ['a setting of the database', 'alter database NAME set default_transaction_read_only = on'],
      ['a limit of the database', 'alter database NAME connection limit 5'],
      ['no migration', 'delete from schema_migrations where version = 1'],
      ['statistics', 'insert into users (email) values ($$a@test$$); analyze users'],
      [
        'a large table',
        'insert into users (email) select repeat($$a$$, 100) || n from generate_series(1, 2000) as n',
      ],
    ])('%s', async (_, change) => {
      const client = await database.pool.connect()
      const definition = await definitionOf(client)
      await client.query('begin')
      await client.query(change.replace('NAME', new URL(database.url).pathname.slice(1)))
      expect(await emptied(client, definition)).toBe(false)
      await client.query('rollback')
      client.release()
    })
  })

  test('drop fails where a client was not released', async () => {
    const database = await freshDatabase()
    const client = await database.pool.connect()
    client.on('error', () => undefined)
    await client.query('SELECT 42')
    await expect(database.drop()).rejects.toThrow(/leaked 1 database connection.*\n.*SELECT 42/)
  })

  test('drop fails where another connection is still open', async () => {
    const database = await freshDatabase()
    const client = new pg.Client({ connectionString: database.url, application_name: 'forgotten' })
    client.on('error', () => undefined)
    await client.connect()
    await expect(database.drop(500)).rejects.toThrow(/leaked 1 database connection.*\n.*forgotten/)
  })
})

describe('testKafka', () => {
  let kafka: TestKafka
  beforeAll(async () => {
    kafka = await testKafka()
  })
  afterAll(() => kafka.close())

  test('reads back what was produced, by partition and offset', async () => {
    const topic = await kafka.freshTopic('helpers', { partitions: 2 })
    await kafka.produce(topic, [
      { partition: 1, key: 'b', value: 'one' },
      { partition: 0, key: 'a', value: null },
      { partition: 1, value: 'two', headers: { from: 'test' } },
    ])
    const messages = await kafka.readAll(topic)
    expect(messages.map(({ partition, offset, value }) => [partition, offset, value?.toString()])).toEqual([
      [0, '0', undefined],
      [1, '0', 'one'],
      [1, '1', 'two'],
    ])
    expect(messages[2]?.headers.from?.toString()).toBe('test')
  })

  test('reads nothing from an empty topic', async () => {
    expect(await kafka.readAll(await kafka.freshTopic())).toEqual([])
  })
})

describe('engines that stop', () => {
  test('a broker that crashed comes back on its port with its data, and leads all its partitions', async () => {
    const broker = await stoppableBroker()
    const before = await testKafka(broker.bootstrapServers)
    const topic = await before.freshTopic('kept', { partitions: 1 })
    const led = await before.freshTopic('led', { partitions: 200 })
    await before.produce(topic, [{ value: 'kept' }])
    await before.close()
    await broker.crash()
    await broker.start()
    const after = await testKafka(broker.bootstrapServers)
    expect(await after.admin.fetchTopicOffsets(led)).toHaveLength(200)
    expect((await after.readAll(topic)).map(({ value }) => value?.toString())).toEqual(['kept'])
    await after.close()
    await broker.dispose()
  })

  test('a crashed Postgres comes back on its port with what was committed', async () => {
    const postgres = await stoppablePostgres()
    const query = async (sql: string) => {
      const client = new pg.Client({ connectionString: postgres.databaseUrl })
      await client.connect()
      return client.query(sql).finally(() => client.end())
    }
    await query('CREATE TABLE kept AS SELECT 1 AS id')
    await postgres.crash()
    await expect(query('SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await postgres.start()
    expect((await query('SELECT id FROM kept')).rows).toEqual([{ id: 1 }])
    await postgres.dispose()
  })
})

test('a broker that is given back is the next file’s without topics and groups', async () => {
  const first = await ownBroker()
  const kafka = await testKafka(first.bootstrapServers)
  const topic = await kafka.freshTopic('left')
  await kafka.produce(topic, [{ value: 'left' }])
  const consumer = kafka.kafka.consumer({ groupId: 'left' })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await new Promise<void>((resolve) => {
    void consumer.run({ eachMessage: async () => resolve() })
  })
  await consumer.disconnect()
  await kafka.close()
  await first.giveBack()

  const next = await ownBroker()
  const { admin, close } = await testKafka(next.bootstrapServers)
  const topics = await admin.listTopics()
  expect(topics.filter((name) => !name.startsWith('__'))).toEqual([])
  expect((await admin.listGroups()).groups).toEqual([])
  await close()
  await next.giveBack()
})
