import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type TestKafka, testKafka } from '../../helpers/kafka.ts'
import { until } from '../../local/until.ts'
import { type TestOperator, testOperator } from '../operating.ts'

let kafka: TestKafka
let operator: TestOperator
beforeAll(async () => {
  kafka = await testKafka()
  operator = await testOperator(kafka.bootstrapServers)
})
afterAll(() => Promise.all([operator.close(), kafka.close()]))

/** A group that has read three of the five messages of partition 0, and none of partition 1. */
async function halfRead() {
  const topic = await kafka.freshTopic('reset', { partitions: 2 })
  await kafka.produce(
    topic,
    Array.from({ length: 5 }, (_, index) => ({ value: `${index}`, partition: 0 })),
  )
  const group = `group-of-${topic}`
  await kafka.setOffsets({ groupId: group, topic, partitions: [{ partition: 0, offset: '3' }] })
  return { topic, group }
}

const committedOf = async (group: string, topic: string) => {
  const [{ partitions = [] } = {}] = await kafka.admin.fetchOffsets({ groupId: group, topics: [topic] })
  return partitions.toSorted((a, b) => a.partition - b.partition).map(({ offset }) => offset)
}

test('a dry run says what would be delivered again or skipped, and moves nothing', async () => {
  const { topic, group } = await halfRead()
  expect(await operator.ask('groups.reset', { group, to: 'start', dryRun: true })).toEqual({
    group,
    isDone: false,
    changes: [
      { topic, partition: 0, old: '3', new: '0', redelivered: 3 },
      { topic, partition: 1, old: null, new: '0', redelivered: 0 },
    ],
  })
  expect(
    await operator.ask('groups.reset', { group, to: 'end', partitions: [0], dryRun: true }),
  ).toMatchObject({
    changes: [{ partition: 0, old: '3', new: '5', redelivered: -2 }],
  })
  expect(await committedOf(group, topic)).toEqual(['3', '-1'])
})

test('a reset moves the partitions that it names, and repeated it changes nothing', async () => {
  const { topic, group } = await halfRead()
  const input = { group, to: '-4', partitions: [0], dryRun: false }
  expect(await operator.ask('groups.reset', input)).toMatchObject({ isDone: true })
  expect(await committedOf(group, topic)).toEqual(['1', '-1'])
  expect(await operator.ask('groups.reset', input)).toMatchObject({
    changes: [{ old: '1', new: '1', redelivered: 0 }],
  })
})

test('a group that somebody reads with is refused, and keeps its offsets', async () => {
  const { topic, group } = await halfRead()
  const consumer = kafka.kafka.consumer({ groupId: group, maxWaitTimeInMs: 100 })
  await consumer.connect()
  try {
    await consumer.subscribe({ topic })
    await consumer.run({ autoCommit: false, eachMessage: async () => undefined })
    const ask = () => operator.ask('groups.reset', { group, to: 'start', dryRun: false })
    await until(async () => String(await ask()).startsWith('group_active'))
    expect(await ask()).toMatch(/has 1 members: stop them first/)
  } finally {
    await consumer.disconnect()
  }
})

test('a group that is not there, and a place that cannot be read, are refused', async () => {
  const { group } = await halfRead()
  expect(await operator.ask('groups.reset', { group: `${group}x`, to: 'start', dryRun: true })).toMatch(
    /^no_such_group/,
  )
  expect(await operator.ask('groups.reset', { group, to: 'yesterday', dryRun: true })).toMatch(/^bad_offset/)
  expect(await operator.ask('groups.reset', { group, to: '5:9', dryRun: true })).toMatch(
    /^bad_offset: "5:9" has an end/,
  )
})

test('a partition that the group does not read is refused, and none that is named besides it is moved', async () => {
  const { topic, group } = await halfRead()
  expect(
    await operator.ask('groups.reset', { group, to: 'start', partitions: [0, 99], dryRun: false }),
  ).toMatch(/^no_such_partition: .* partition 99:/)
  expect(await operator.ask('groups.reset', { group, to: 'start', partitions: [], dryRun: false })).toMatch(
    /^input_invalid/,
  )
  expect(await committedOf(group, topic)).toEqual(['3', '-1'])
})
