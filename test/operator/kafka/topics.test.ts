import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type TestKafka, testKafka } from '../../helpers/kafka.ts'
import { type TestOperator, testOperator } from '../operating.ts'

let kafka: TestKafka
let operator: TestOperator
beforeAll(async () => {
  kafka = await testKafka()
  operator = await testOperator(kafka.bootstrapServers)
})
afterAll(() => Promise.all([operator.close(), kafka.close()]))

test('a topic is described with its partitions, offsets and own settings', async () => {
  const topic = await kafka.freshTopic('described', { partitions: 2 })
  await kafka.produce(topic, [
    { value: 'a', partition: 0 },
    { value: 'b', partition: 0 },
  ])
  expect(await operator.ask('topics.describe', { topic }, 'read')).toEqual({
    topic,
    config: {},
    partitions: [
      { partition: 0, leader: 1, replicas: [1], inSync: [1], start: '0', end: '2' },
      { partition: 1, leader: 1, replicas: [1], inSync: [1], start: '0', end: '0' },
    ],
  })
})

test('topics are listed and counted by what is left of them', async () => {
  const topic = await kafka.freshTopic('counted', { partitions: 2 })
  await kafka.produce(
    topic,
    Array.from({ length: 7 }, (_, index) => ({ value: `${index}`, partition: index % 2 })),
  )
  await kafka.admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '3' }] })
  expect(await operator.ask('topics.count', { topic }, 'read')).toEqual({
    topic,
    records: 4,
    partitions: [
      { partition: 0, start: '3', end: '4', records: 1 },
      { partition: 1, start: '0', end: '3', records: 3 },
    ],
  })
  expect(await operator.ask('topics.list', {}, 'read')).toContainEqual({
    topic,
    partitions: 2,
    replicas: 1,
    records: 4,
  })
})

test('a topic is created once; with other partitions it is refused, and what Kafka refuses is said', async () => {
  const topic = `created-${Date.now()}`
  const wanted = { topic, partitions: 2, replicationFactor: 1 }
  expect(await operator.ask('topics.create', wanted)).toEqual({ topic, created: true })
  expect(await operator.ask('topics.create', wanted)).toEqual({ topic, created: false })
  expect(await operator.ask('topics.create', { ...wanted, partitions: 3 })).toBe(
    `topic_exists: ${topic} is there already, with 2 partitions.`,
  )
  expect(
    await operator.ask('topics.create', { ...wanted, topic: `${topic}-b`, replicationFactor: 9 }),
  ).toMatch(/^topic_refused: Kafka does not create .*replication/i)
})

test('a topic that is not there is refused with those near it', async () => {
  const topic = await kafka.freshTopic('near')
  expect(await operator.ask('topics.describe', { topic: `${topic}x` }, 'read')).toContain(
    `no_such_topic: There is no topic ${topic}x; topics near it: ${topic}`,
  )
})
