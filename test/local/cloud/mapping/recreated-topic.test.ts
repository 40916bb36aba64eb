import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { makeTopics } from '../../../../local/cloud/kafka/topics.ts'
import type { EventSourceMapping } from '../../../../local/cloud/mapping/event-source-mapping.ts'
import { type TestKafka, testKafka } from '../../../helpers/kafka.ts'
import { numbers, until } from '../../until.ts'
import { type Recorder, recorder } from '../fixture-function.ts'
import { committed, startMapping } from './mapping-parts.ts'

let kafka: TestKafka
let consumer: Recorder
const mappings: EventSourceMapping[] = []

beforeAll(async () => {
  kafka = await testKafka()
})
afterAll(() => kafka.close())
beforeEach(async () => {
  consumer = await recorder()
  await consumer.control({ keepEvents: true })
})
afterEach(async () => {
  await Promise.all(mappings.splice(0).map((mapping) => mapping.stop()))
  await consumer.dispose()
})

function start(topic: string, consumerGroupId?: string) {
  const started = startMapping(kafka, consumer.target, { topic, ...(consumerGroupId && { consumerGroupId }) })
  mappings.push(started.mapping)
  return started
}

/** Recreates the topic and sends to it, faster than anybody asks whether it is still the same. */
async function recreate(topic: string, values: readonly string[]): Promise<void> {
  await kafka.admin.deleteTopics({ topics: [topic] })
  // Not while the old one is still there.
  await until(() =>
    kafka.admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: false }),
  )
  await makeTopics(kafka.admin, [{ topic, numPartitions: 1 }])
  await until(async () => {
    await kafka.produce(
      topic,
      values.map((value) => ({ value })),
    )
    return true
  })
}

const delivered = async (): Promise<ReadonlySet<string>> => {
  const events = (await consumer.invocations()).map(({ event }) => event as { records: object })
  const records = events.flatMap((event) => Object.values(event.records).flat() as { value: string }[])
  return new Set(records.map(({ value }) => Buffer.from(value, 'base64').toString()))
}

test('a topic that is recreated while it is read is read from its oldest record, again and again', async () => {
  const topic = await kafka.freshTopic('rounds', { partitions: 1 })
  const { told } = start(topic)
  const sent = new Set<string>()
  for (const round of numbers(4)) {
    const values = numbers(100 + round).map((index) => `${round}-${index}`)
    if (round === 0)
      await kafka.produce(
        topic,
        values.map((value) => ({ value })),
      )
    else await recreate(topic, values)
    for (const value of values) sent.add(value)
    await until(async () => (await delivered()).size === sent.size)
  }
  expect(await delivered()).toEqual(sent)
  expect(new Set(told.restarted)).toEqual(
    new Set(['the topic was deleted and recreated: reading restarts at its oldest record']),
  )
})

test('a topic that was recreated while nobody read it is read from its oldest record', async () => {
  const topic = await kafka.freshTopic('while-stopped', { partitions: 1 })
  await kafka.produce(topic, [{ value: 'old' }])
  const { mapping, group } = start(topic)
  await until(async () => String(await committed(kafka, group, topic)) === '1')
  await mapping.stop()
  const [of] = await kafka.admin.fetchOffsets({ groupId: group, topics: [topic] })
  await recreate(topic, ['new 0', 'new 1'])
  // As a commit in flight while the topic was deleted would leave it.
  const metadata = of?.partitions[0]?.metadata ?? ''
  const member = kafka.kafka.consumer({ groupId: group, maxWaitTimeInMs: 100 })
  await member.connect()
  await member.subscribe({ topic })
  await member.run({ autoCommit: false, eachBatch: async ({ pause }) => void pause() })
  await member.commitOffsets([{ topic, partition: 0, offset: '1', metadata }])
  await member.disconnect()
  const { told } = start(topic, group)
  await until(async () => (await delivered()).has('new 1'))
  expect(await delivered()).toEqual(new Set(['old', 'new 0', 'new 1']))
  expect(told.restarted).toHaveLength(1)
})
