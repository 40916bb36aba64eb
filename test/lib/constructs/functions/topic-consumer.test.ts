import { describe, expect, test } from '@jest/globals'
import { grantsOf, OWN_NETWORK_INTERFACES, ownLogsOf, resourceAt, templatesOf } from '../../synthesized.ts'

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

  test.each(['small', 'large'])('has pollers and reports the failed records in %s', (size) => {
    expect(mappingOf(size, 'deal-consumer')).toMatchObject({
      ProvisionedPollerConfig: { MinimumPollers: expect.any(Number), MaximumPollers: expect.any(Number) },
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
})
