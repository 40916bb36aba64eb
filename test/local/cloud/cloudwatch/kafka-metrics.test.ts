import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { KafkaMetrics } from '../../../../local/cloud/cloudwatch/kafka-metrics.ts'
import { type TestKafka, testKafka } from '../../../helpers/kafka.ts'
import { mappingOf } from './watched-cloud.ts'

let kafka: TestKafka
beforeAll(async () => {
  kafka = await testKafka()
})
afterAll(() => kafka.close())

test('a group’s lag is that of what it has committed, in records and seconds', async () => {
  const topic = await kafka.freshTopic('lag', { partitions: 2 })
  const mapping = mappingOf(topic)
  const group = mapping.consumerGroupId
  const values = ['1', '2', '3', '4', '5'].map((value) => ({ value, partition: 0 }))
  await kafka.produce(topic, [...values, { value: '6', partition: 1 }])
  const metrics = new KafkaMetrics(kafka.kafka, [mapping])
  try {
    expect((await metrics.measure(0)).map(({ name }) => name)).toEqual(['OfflinePartitionsCount'])
    await kafka.setOffsets({
      groupId: group,
      topic,
      partitions: [
        { partition: 0, offset: '1' },
        { partition: 1, offset: '1' },
      ],
    })
    await metrics.measure(60_000)
    const measured = await metrics.measure(180_000)
    expect(measured.map(({ name, dimensions, values: [value] }) => [name, dimensions, value])).toEqual([
      ['OfflinePartitionsCount', {}, 0],
      ['MaxOffsetLag', { 'Consumer Group': group, Topic: topic }, 4],
      ['SumOffsetLag', { 'Consumer Group': group, Topic: topic }, 4],
      ['EstimatedMaxTimeLag', { 'Consumer Group': group, Topic: topic }, 120],
    ])
  } finally {
    await metrics.close()
  }
})

test('without a mapping nothing is asked', async () => {
  const metrics = new KafkaMetrics(kafka.kafka, [])
  expect(await metrics.measure(0)).toEqual([])
  await metrics.close()
})
