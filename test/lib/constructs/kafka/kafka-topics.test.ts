import { describe, expect, test } from '@jest/globals'
import { decodeTopicConfigs, encodeTopicConfigs } from '../../../../lib/constructs/kafka/kafka-topics.ts'
import { resourceAt, templatesOf } from '../../synthesized.ts'

const topics = ['price-updates', 'deal-updates']
const topicOf = (size: string, topic: string) =>
  resourceAt(templatesOf(size).data, 'AWS::MSK::Topic', `topics/${topic}`)

describe('the topics', () => {
  test.each(topics)('%s keeps its records for 168 hours', (topic) => {
    const { Configs } = topicOf('dev', topic).Properties
    expect(decodeTopicConfigs(String(Configs))).toEqual({ 'retention.ms': '604800000' })
  })

  test.each(topics)(
    '%s outlives its stack and its own replacement, but not a failed first deployment',
    (topic) => {
      expect(topicOf('large', topic)).toMatchObject({
        DeletionPolicy: 'RetainExceptOnCreate',
        UpdateReplacePolicy: 'Retain',
      })
    },
  )

  test.each(topics)('%s goes with a stage of size dev', (topic) => {
    expect(topicOf('dev', topic)).toMatchObject({ DeletionPolicy: 'Delete' })
  })

  test.each([
    ['dev', 3, 2],
    ['small', 6, 3],
    ['large', 24, 3],
  ])('have in %s %i partitions of %i copies', (size, partitions, copies) => {
    for (const topic of topics) {
      expect(topicOf(size, topic).Properties).toMatchObject({
        TopicName: topic,
        PartitionCount: partitions,
        ReplicationFactor: copies,
      })
    }
  })

  test('hand MSK their configs as JSON in Base64', () => {
    expect(encodeTopicConfigs({ 'retention.ms': '1' })).toBe(
      Buffer.from('{"retention.ms":"1"}').toString('base64'),
    )
  })
})
