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

test('a group is described by what it has committed, how far it is behind, and who reads', async () => {
  const topic = await kafka.freshTopic('grouped', { partitions: 2 })
  await kafka.produce(
    topic,
    Array.from({ length: 5 }, (_, index) => ({
      ...{ value: `${index}`, partition: 0 },
      timestamp: String(Date.UTC(2026, 1, 20, 12, index)),
    })),
  )
  const group = `group-of-${topic}`
  await kafka.setOffsets({ groupId: group, topic, partitions: [{ partition: 0, offset: '2' }] })
  // A broker that has just started needs a while for its first group, which reads the record's time.
  const described = await until(async () => {
    const answer = await operator.ask('groups.describe', { group }, 'read')
    return JSON.stringify(answer).includes('"unreadSince":"') && answer
  })
  expect(described).toEqual({
    group,
    state: 'Empty',
    members: 0,
    partitions: [
      {
        ...{ topic, partition: 0, committed: '2', end: '5', lag: 3, member: null },
        unreadSince: '2026-02-20T12:02:00.000Z',
      },
    ],
  })
  await kafka.setOffsets({ groupId: group, topic, partitions: [{ partition: 0, offset: '5' }] })
  expect(await operator.ask('groups.describe', { group }, 'read')).toMatchObject({
    partitions: [{ lag: 0, unreadSince: null }],
  })

  const consumer = kafka.kafka.consumer({ groupId: group })
  await consumer.connect()
  try {
    await consumer.subscribe({ topic })
    await consumer.run({ eachMessage: async () => undefined })
    await until(async () => {
      const answer = await operator.ask('groups.describe', { group }, 'read')
      return JSON.stringify(answer).includes('"member":"test ')
    })
    expect(await operator.ask('groups.list', {}, 'read')).toContainEqual({
      group,
      state: 'Stable',
      members: 1,
    })
  } finally {
    await consumer.disconnect()
  }
})

test('a group that is not there is refused with those near it', async () => {
  const topic = await kafka.freshTopic('none')
  const group = `reader-of-${topic}`
  await kafka.setOffsets({ groupId: group, topic, partitions: [{ partition: 0, offset: '0' }] })
  expect(await operator.ask('groups.describe', { group: `${group}s` }, 'read')).toMatch(
    new RegExp(`^no_such_group: There is no consumer group ${group}s; groups near it: ${group}`),
  )
})
