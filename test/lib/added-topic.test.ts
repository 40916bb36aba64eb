import { describe, expect, test } from '@jest/globals'
import { Duration, Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler'
import type { Topic } from '../../lambdas/core/topics.ts'
import * as TOPICS from '../../lambdas/core/topics.ts'
import { PROFILES, type SizeProfile, topicsOf } from '../../lib/config.ts'
import { ScheduledProducer } from '../../lib/constructs/functions/scheduled-producer.ts'
import { TopicConsumer } from '../../lib/constructs/functions/topic-consumer.ts'
import { decodeTopicConfigs } from '../../lib/constructs/kafka/kafka-topics.ts'
import { profileProblems } from '../../lib/profile-rules.ts'
import { existingContext } from './existing-parts.ts'
import { build, grantsOf, resourceAt, templatesOf } from './synthesized.ts'

const STOCKS: Topic = {
  name: 'stock-updates',
  setting: 'KAFKA_TOPIC_STOCKS',
  key: 'asin',
  retentionMs: 240 * 3_600_000,
  partitions: { dev: 1, small: 2, large: 4 },
  groups: { 'price-consumer': 'first-group', 'deal-consumer': 'second-group' },
}
const kafka: SizeProfile['kafka'] = {
  ...PROFILES.small.kafka,
  topics: topicsOf('small', { ...TOPICS, stocks: STOCKS }),
}
const { network, data } = build({ size: 'small' }, { kafka })
// Functions have sources of their names, so these are known ones, in a stack of their own.
const pipeline = new Stack(data.node.root, 'stocks')

/** A producer and two consumers that are given the topic, as lib/pipeline-stack.ts gives them theirs. */
const shared = {
  defaults: { stage: 'dev', logs: PROFILES.small.logs },
  description: 'Of the test',
  kafka: data.kafka,
  topic: STOCKS,
}
new ScheduledProducer(pipeline, 'price-check', {
  ...shared,
  ...PROFILES.small.producers,
  schedule: ScheduleExpression.rate(Duration.hours(1)),
  interval: Duration.hours(1),
  sendsEveryRun: true,
  postgres: data.postgres,
  bootstrapServers: data.bootstrapBrokers.servers,
  network: network.functions('stock-producers', {
    description: 'Of the test',
    reaches: ['internet', 'kafka', 'postgres'],
  }),
})
const consumersNetwork = network.functions('stock-consumers', { description: 'Of the test', reaches: [] })
for (const id of Object.keys(STOCKS.groups)) {
  new TopicConsumer(pipeline, id, {
    ...shared,
    profiles: PROFILES.small.consumers,
    mostLag: Duration.minutes(15),
    network: consumersNetwork,
  })
}
const dataTemplate = Template.fromStack(data)
const pipelineTemplate = Template.fromStack(pipeline)

describe('one more entry in the table of topics', () => {
  test('makes the topic, with the partitions and the retention of its entry', () => {
    const { Properties } = resourceAt(dataTemplate, 'AWS::MSK::Topic', 'topics/stock-updates')
    expect(Properties).toMatchObject({ TopicName: 'stock-updates', PartitionCount: 2, ReplicationFactor: 3 })
    expect(decodeTopicConfigs(String(Properties.Configs))).toEqual({ 'retention.ms': '864000000' })
  })

  test('leaves the other topics as they are', () => {
    const { Properties } = resourceAt(dataTemplate, 'AWS::MSK::Topic', 'topics/price-updates')
    expect(Properties).toMatchObject({ PartitionCount: 6 })
    expect(decodeTopicConfigs(String(Properties.Configs))).toEqual({ 'retention.ms': '604800000' })
  })

  test('leaves the configuration of the brokers as it is: MSK would restart each of them for a change', () => {
    const { Properties } = resourceAt(dataTemplate, 'AWS::MSK::Configuration', 'kafka/')
    const { ServerProperties } = resourceAt(templatesOf('small').data, 'AWS::MSK::Configuration', 'kafka/')
      .Properties as { ServerProperties: string }
    expect(Properties.ServerProperties).toBe(ServerProperties)
  })

  test('tells its producers its name by its setting, and lets them send to it alone', () => {
    const { Environment } = resourceAt(pipelineTemplate, 'AWS::Lambda::Function', 'price-check/').Properties
    const { Variables } = Environment as { Variables: Record<string, unknown> }
    expect(Object.entries(Variables).filter(([name]) => name.startsWith('KAFKA_TOPIC'))).toEqual([
      ['KAFKA_TOPIC_STOCKS', 'stock-updates'],
    ])
    expect(grantsOf(pipelineTemplate, 'price-check')).toMatchObject({
      'Allow kafka-cluster:WriteData': expect.stringMatching(/:topic\/.*\/stock-updates$/),
    })
  })

  test.each(Object.entries(STOCKS.groups))('lets its consumer %s read it as %s', (consumer, group) => {
    const mapping = resourceAt(pipelineTemplate, 'AWS::Lambda::EventSourceMapping', `${consumer}/`)
    expect(mapping.Properties).toMatchObject({
      Topics: ['stock-updates'],
      AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: group },
    })
    expect(grantsOf(pipelineTemplate, consumer)).toMatchObject({
      'Allow kafka-cluster:ReadData': expect.stringMatching(/:topic\/.*\/stock-updates$/),
      'Allow kafka-cluster:AlterGroup': expect.stringMatching(new RegExp(`:group/.*/${group}$`)),
    })
  })

  test('refuses a consumer that it has no group for', () => {
    expect(
      () =>
        new TopicConsumer(pipeline, 'migrator', {
          ...shared,
          profiles: PROFILES.small.consumers,
          mostLag: Duration.minutes(15),
          network: consumersNetwork,
        }),
    ).toThrow(
      'The topic stock-updates has no consumer group for migrator: add one to its entry in lambdas/core/topics.ts.',
    )
  })

  test('counts where a profile is checked against the partitions', () => {
    const most = topicsOf('small', {
      ...TOPICS,
      stocks: { ...STOCKS, partitions: { dev: 1, small: 9, large: 9 } },
    })
    expect(profileProblems({ ...PROFILES.small, kafka: { ...kafka, topics: most } })).toEqual([
      expect.stringContaining("to the topics' 9 partitions, or Lambda throttles"),
    ])
  })

  test('is asked for in an existing cluster, where it must not be yet', () => {
    const { data: existing } = build({ size: 'small', ...existingContext }, { kafka })
    expect(existing.node.metadata.map(({ data: text }) => String(text))).toEqual(
      expect.arrayContaining([
        expect.stringContaining('has no topic named deal-updates or price-updates or stock-updates yet'),
      ]),
    )
  })
})
