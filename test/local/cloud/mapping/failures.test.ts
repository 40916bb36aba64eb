import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { makeTopics } from '../../../../local/cloud/kafka/topics.ts'
import type { EventSourceMapping } from '../../../../local/cloud/mapping/event-source-mapping.ts'
import { type TestKafka, testKafka } from '../../../helpers/kafka.ts'
import { numbers, until } from '../../until.ts'
import { type Recorder, recorder } from '../fixture-function.ts'
import { committed, fill, startMapping } from './mapping-parts.ts'

let kafka: TestKafka
let consumer: Recorder
const mappings: EventSourceMapping[] = []

beforeAll(async () => {
  kafka = await testKafka()
})
afterAll(() => kafka.close())
beforeEach(async () => {
  consumer = await recorder()
})
afterEach(async () => {
  await Promise.all([consumer.dispose(), ...mappings.splice(0).map((mapping) => mapping.stop())])
})

function start(resource: Parameters<typeof startMapping>[2]) {
  const started = startMapping(kafka, consumer.target, resource)
  mappings.push(started.mapping)
  return started
}

const isCommitted = async (group: string, topic: string, offsets: readonly number[]) =>
  JSON.stringify(await committed(kafka, group, topic)) === JSON.stringify(offsets)

/** The offsets without those that came again: each where it came first. */
const firsts = (offsets: readonly number[]): number[] => [...new Set(offsets)]

describe('Kafka', () => {
  test('without the topic is asked again, said once, and read when the topic is there', async () => {
    const topic = `late-${randomBytes(5).toString('hex')}`
    const { group, told, mapping } = start({ topic })
    await until(() => told.waiting.length > 0)
    await sleep(2_500)
    expect(told.waiting).toEqual(['This server does not host this topic-partition'])
    await makeTopics(kafka.admin, [{ topic, numPartitions: 1 }])
    await fill(kafka, topic, 0, 3)
    await until(() => isCommitted(group, topic, [3]))
    expect(told.reading).toEqual([mapping.name])
  })
})

describe('stop', () => {
  test('waits for the invocation under way, whose offsets are committed', async () => {
    const topic = await kafka.freshTopic('stop', { partitions: 1 })
    await consumer.control({ holds: true })
    await fill(kafka, topic, 0, 20)
    const { mapping, group } = start({ topic, batchSize: 10 })
    await until(async () => (await consumer.started()) === 1)
    const stopped = mapping.stop()
    await consumer.control({})
    await stopped
    expect(await committed(kafka, group, topic)).toEqual([10])
    expect(await consumer.done(0)).toEqual(numbers(10))
  })

  test('leaves uncommitted what fails while it stops, and the next start delivers it', async () => {
    const topic = await kafka.freshTopic('restart', { partitions: 1 })
    await consumer.control({ failPartitions: [0] })
    await fill(kafka, topic, 0, 20)
    const { mapping, group, told } = start({ topic, batchSize: 10 })
    await until(() => told.retrying.length > 0)
    await mapping.stop()
    expect(await committed(kafka, group, topic)).toEqual([-1])
    await consumer.control({})
    start({ topic, consumerGroupId: group })
    await until(() => isCommitted(group, topic, [20]))
    expect(await consumer.done(0)).toEqual(numbers(20))
  })

  test('ends while the topic is still awaited, and while the group is joined', async () => {
    const waiting = start({ topic: 'never-made' })
    await sleep(300)
    await waiting.mapping.stop()
    const topic = await kafka.freshTopic('joining')
    const joining = start({ topic })
    await joining.mapping.stop()
    await until(async () => {
      const { groups } = await kafka.admin.describeGroups([joining.group, waiting.group])
      return groups.every(({ members }) => members.length === 0)
    })
  })
})

describe('a rebalance', () => {
  test('loses no record, though batches under way fail and others wait', async () => {
    const topic = await kafka.freshTopic('rebalance', { partitions: 4 })
    const all = [0, 1, 2, 3]
    await consumer.control({ delayMs: 20 })
    for (const partition of all) await fill(kafka, topic, partition, 500)
    const { group } = start({ topic, batchSize: 20 })
    await until(async () => (await consumer.invocations()).length > 10)
    await consumer.control({ delayMs: 20, failPartitions: [0] })
    const other = kafka.kafka.consumer({ groupId: group, maxWaitTimeInMs: 100, heartbeatInterval: 500 })
    await other.connect()
    await other.subscribe({ topic })
    const joined = new Promise((resolve) => other.on(other.events.GROUP_JOIN, resolve))
    // It is given partitions and does nothing with them.
    await other.run({ autoCommit: false, eachBatch: async ({ pause }) => void pause() })
    await joined
    await sleep(1_000)
    await consumer.control({ delayMs: 20 })
    await other.disconnect()
    for (const partition of all) await fill(kafka, topic, partition, 100, 500)
    await until(() => isCommitted(group, topic, [600, 600, 600, 600]))
    for (const partition of all) expect(firsts(await consumer.done(partition))).toEqual(numbers(600))
  })

  test('while the mapping is idle does not keep the next batch from being delivered again', async () => {
    const topic = await kafka.freshTopic('idle', { partitions: 1 })
    await fill(kafka, topic, 0, 1)
    const { group, told } = start({ topic })
    await until(() => isCommitted(group, topic, [1]))
    const other = kafka.kafka.consumer({ groupId: group, maxWaitTimeInMs: 100 })
    await other.connect()
    await other.subscribe({ topic })
    const joined = new Promise((resolve) => other.on(other.events.GROUP_JOIN, resolve))
    await other.run({ autoCommit: false, eachBatch: async () => undefined })
    await joined
    await other.disconnect()
    await until(async () => {
      const { groups } = await kafka.admin.describeGroups([group])
      return groups[0]?.state === 'Stable' && groups[0].members.length === 1
    })
    await consumer.control({ failPartitions: [0] })
    await fill(kafka, topic, 0, 1, 1)
    await until(() => told.retrying.length > 0)
    await consumer.control({})
    await until(() => isCommitted(group, topic, [2]))
    expect(await consumer.done(0)).toEqual([0, 1])
  })
})

describe('a topic that is deleted and made anew', () => {
  test('is read from its new beginning', async () => {
    const topic = await kafka.freshTopic('anew', { partitions: 1 })
    await fill(kafka, topic, 0, 50)
    const { group } = start({ topic })
    await until(() => isCommitted(group, topic, [50]))
    await kafka.admin.deleteTopics({ topics: [topic] })
    await until(async () => !(await kafka.admin.listTopics()).includes(topic))
    await makeTopics(kafka.admin, [{ topic, numPartitions: 1 }])
    await fill(kafka, topic, 0, 5)
    await until(async () => (await consumer.done(0)).length === 55)
    expect(await consumer.done(0)).toEqual([...numbers(50), ...numbers(5)])
  })
})
