import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { freshDatabase } from './database.ts'
import { type TestKafka, testKafka } from './kafka.ts'
import { ownBroker } from './own-broker.ts'
import { stoppableBroker, stoppablePostgres } from './stoppable.ts'

describe('freshDatabase', () => {
  test('gives each test its own empty database', async () => {
    const [first, second] = await Promise.all([freshDatabase(), freshDatabase()])
    await first.pool.query('CREATE TABLE mine (id int)')
    await expect(second.pool.query('SELECT * FROM mine')).rejects.toMatchObject({ code: '42P01' })
    await Promise.all([first.drop(), second.drop()])
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

test('a broker that is given back comes to the next file without topics and groups', async () => {
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
