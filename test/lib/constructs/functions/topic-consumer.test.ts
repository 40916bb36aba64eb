import { describe, expect, test } from '@jest/globals'
import { Duration, Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import * as TOPICS from '../../../../lambdas/core/topics.ts'
import { PROFILES } from '../../../../lib/config.ts'
import { TopicConsumer } from '../../../../lib/constructs/functions/topic-consumer.ts'
import {
  build,
  grantsOf,
  OWN_NETWORK_INTERFACES,
  ownLogsOf,
  resourceAt,
  templatesOf,
  templatesWith,
} from '../../synthesized.ts'

const mappingOf = (size: string, consumer: string) =>
  resourceAt(templatesOf(size).pipeline, 'AWS::Lambda::EventSourceMapping', `${consumer}/`).Properties

const environmentOf = (size: string, consumer: string) =>
  resourceAt(templatesOf(size).pipeline, 'AWS::Lambda::Function', `${consumer}/`).Properties.Environment

describe('a topic consumer', () => {
  test.each([
    ['price-consumer', 'price-updates', 'keeper-consumer-group'],
    ['deal-consumer', 'deal-updates', 'keeper-consumer-group-deals'],
  ])('%s reads %s as %s from the oldest record on', (consumer, topic, groupId) => {
    expect(mappingOf('dev', consumer)).toMatchObject({
      Topics: [topic],
      AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: groupId },
      StartingPosition: 'TRIM_HORIZON',
    })
  })

  test.each([
    ['dev', 1_000],
    ['small', 5_000],
    ['large', 10_000],
  ])('takes batches of the size that the profile %s names', (size, batchSize) => {
    expect(mappingOf(size, 'price-consumer')).toMatchObject({
      BatchSize: batchSize,
      MaximumBatchingWindowInSeconds: 1,
    })
  })

  test.each([
    ['dev', undefined],
    ['small', 6],
    ['large', 24],
  ])('runs in %s at most %p times at once, and so takes no more connections', (size, concurrency) => {
    expect(
      resourceAt(templatesOf(size).pipeline, 'AWS::Lambda::Function', 'price-consumer/').Properties
        .ReservedConcurrentExecutions,
    ).toBe(concurrency)
  })

  test('is polled on demand in dev and fails a batch as a whole', () => {
    const mapping = mappingOf('dev', 'price-consumer')
    expect(mapping).not.toHaveProperty('ProvisionedPollerConfig')
    expect(mapping).not.toHaveProperty('FunctionResponseTypes')
    expect(environmentOf('dev', 'price-consumer')).toMatchObject({
      Variables: { PARTIAL_BATCH_RESPONSE: 'false' },
    })
  })

  test.each([
    ['small', 1, 6],
    ['large', 2, 24],
  ])('has pollers and reports the failed records in %s', (size, minimum, maximum) => {
    expect(mappingOf(size, 'deal-consumer')).toMatchObject({
      ProvisionedPollerConfig: {
        ...{ MinimumPollers: minimum, MaximumPollers: maximum },
        // One for all mappings of a stage.
        PollerGroupName: 'keeper-dev',
      },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    })
    expect(environmentOf(size, 'deal-consumer')).toMatchObject({
      Variables: { PARTIAL_BATCH_RESPONSE: 'true' },
    })
  })

  test('drops no record: retries have no end and records no maximum age', () => {
    const mapping = mappingOf('large', 'price-consumer')
    expect(mapping).not.toHaveProperty('MaximumRetryAttempts')
    expect(mapping).not.toHaveProperty('MaximumRecordAgeInSeconds')
    expect(mapping).not.toHaveProperty('DestinationConfig')
  })

  test('may read its topic as its group, sign in as its user, and nothing else', () => {
    const cluster = '<kafkaclusterArn>'
    expect(grantsOf(templatesOf('dev').pipeline, 'price-consumer')).toEqual({
      ...ownLogsOf('price-consumer'),
      ...OWN_NETWORK_INTERFACES,
      'Allow kafka-cluster:Connect': cluster,
      'Allow kafka-cluster:DescribeClusterDynamicConfiguration': cluster,
      'Allow kafka-cluster:DescribeTopic': `<0 of ${cluster}>:topic/<1 of ${cluster}>/price-updates`,
      'Allow kafka-cluster:ReadData': `<0 of ${cluster}>:topic/<1 of ${cluster}>/price-updates`,
      'Allow kafka-cluster:AlterGroup': `<0 of ${cluster}>:group/<1 of ${cluster}>/keeper-consumer-group`,
      'Allow kafka-cluster:DescribeGroup': `<0 of ${cluster}>:group/<1 of ${cluster}>/keeper-consumer-group`,
      'Allow kafka:DescribeCluster': cluster,
      'Allow kafka:GetBootstrapBrokers': '*',
      'Allow kafka:DescribeClusterV2': cluster,
      'Allow rds-db:connect':
        'arn:<AWS::Partition>:rds-db:<AWS::Region>:<AWS::AccountId>:dbuser:<databaseinstanceDbiResourceId>/keeper_price_consumer',
    })
  })

  test('is told how to reach the database, and no address of Kafka', () => {
    const { Variables } = environmentOf('dev', 'deal-consumer') as { Variables: Record<string, unknown> }
    expect(Object.keys(Variables).sort()).toEqual([
      'DATABASE_AUTHENTICATION',
      'DATABASE_URL',
      'KEEPER_FUNCTION',
      'KEEPER_STAGE',
      'NODE_EXTRA_CA_CERTS',
      'PARTIAL_BATCH_RESPONSE',
    ])
    expect(Variables).toMatchObject({ DATABASE_AUTHENTICATION: 'iam', KEEPER_FUNCTION: 'deal-consumer' })
    expect(JSON.stringify(Variables.DATABASE_URL)).toMatch(
      /postgresql:\/\/keeper_deal_consumer@.*:5432\/keeper/,
    )
  })

  test.each(['dev', 'small', 'large'])('runs at most the 14 minutes that Kafka allows in %s', (size) => {
    const { Timeout } = resourceAt(
      templatesOf(size).pipeline,
      'AWS::Lambda::Function',
      'price-consumer/',
    ).Properties
    expect(Timeout).toBeLessThanOrEqual(14 * 60)
  })

  test('has what its own entry in the profile says, and the rest of the default', () => {
    const consumers = {
      ...PROFILES.small.consumers,
      'deal-consumer': { batchSize: 77, timeout: Duration.minutes(2) },
    }
    const { pipeline } = templatesWith({ consumers })
    const of = (type: string, consumer: string) => resourceAt(pipeline, type, `${consumer}/`).Properties
    expect(of('AWS::Lambda::EventSourceMapping', 'deal-consumer').BatchSize).toBe(77)
    expect(of('AWS::Lambda::Function', 'deal-consumer')).toMatchObject({ Timeout: 120, MemorySize: 1024 })
    expect(of('AWS::Lambda::EventSourceMapping', 'price-consumer').BatchSize).toBe(5_000)
    expect(of('AWS::Lambda::Function', 'price-consumer').Timeout).toBe(300)
  })
})

describe('a topic consumer without a database', () => {
  const { network, data } = build({ size: 'small' })
  const stack = new Stack(data.node.root, 'indexing')
  const consumer = new TopicConsumer(stack, 'deal-consumer', {
    defaults: { stage: 'dev', logs: PROFILES.small.logs },
    description: 'Of the test',
    kafka: data.kafka,
    topic: TOPICS.deals,
    environment: { SEARCH_URL: 'https://search.example' },
    profiles: PROFILES.small.consumers,
    mostLag: Duration.minutes(15),
    network: network.functions('indexers', { description: 'Of the test', reaches: ['internet'] }),
  })
  const template = Template.fromStack(stack)

  test('is told of none and may sign in to none', () => {
    const { Environment } = resourceAt(template, 'AWS::Lambda::Function', 'deal-consumer/').Properties
    expect(Object.keys((Environment as { Variables: object }).Variables).sort()).toEqual([
      'KEEPER_FUNCTION',
      'KEEPER_STAGE',
      'PARTIAL_BATCH_RESPONSE',
      'SEARCH_URL',
    ])
    expect(Object.keys(grantsOf(template, 'deal-consumer'))).not.toContain('Allow rds-db:connect')
  })

  test('is watched for lag and for records that were missed or rejected, and for nothing that is of prices', () => {
    expect(consumer.alarms().map(({ id }) => id)).toEqual([
      'deal-consumer-behind',
      'deal-consumer-nearly-forgotten',
      'deal-consumer-stalled',
      'deal-consumer-stores-nothing',
      'deal-consumer-missed',
      'deal-consumer-rejected',
      'deal-consumer-errors',
      'deal-consumer-throttles',
      'deal-consumer-duration',
    ])
    const widgets = JSON.stringify(
      stack.resolve(
        consumer
          .widgets()
          .flat()
          .map((widget) => widget.toJson()),
      ),
    )
    expect(widgets).toContain('RecordAgeSeconds')
    expect(widgets).not.toMatch(/HistoryRowsStored|AlertsRaised/)
  })
})
