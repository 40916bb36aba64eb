import { describe, expect, test } from '@jest/globals'
import { readTemplate } from '../../../local/cloud/template/template.ts'
import { templateOf } from './mapping-setup.ts'

const PROVISIONED = { ProvisionedPollerConfig: {} }
const onFailure = (destination: unknown) => ({
  DestinationConfig: { OnFailure: { Destination: destination } },
})

describe('AWS refuses, and so does the start, with one sentence that names the mapping', () => {
  test.each([
    [{ Topics: ['a', 'b'] }, 'Topics names 2 topics, and Lambda takes exactly one'],
    [{ BatchSize: 0 }, 'BatchSize is 0, and Lambda takes 1 to 10000'],
    [{ BatchSize: 10_001 }, 'BatchSize is 10001, and Lambda takes 1 to 10000'],
    [
      { MaximumBatchingWindowInSeconds: 301 },
      'MaximumBatchingWindowInSeconds is 301, and Lambda takes 0 to 300',
    ],
    [{ MaximumBatchingWindowInSeconds: 0.5 }, 'MaximumBatchingWindowInSeconds is 0.5'],
    [
      { ...PROVISIONED, MaximumRetryAttempts: 10_001 },
      'MaximumRetryAttempts is 10001, and Lambda takes -1 or 0 to 10000',
    ],
    [
      { ...PROVISIONED, MaximumRecordAgeInSeconds: 59 },
      'MaximumRecordAgeInSeconds is 59, and Lambda takes -1 or 60 to 604800',
    ],
    [
      { AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: 'g'.repeat(201) } },
      'the length of ConsumerGroupId is 201, and Lambda takes 1 to 200',
    ],
    [
      { FunctionResponseTypes: ['ReportBatchItemFailures'] },
      'FunctionResponseTypes belongs to provisioned mode',
    ],
    [{ BisectBatchOnFunctionError: true }, 'BisectBatchOnFunctionError belongs to provisioned mode'],
    [{ MaximumRetryAttempts: 3 }, 'MaximumRetryAttempts belongs to provisioned mode'],
    [{ MaximumRecordAgeInSeconds: 60 }, 'MaximumRecordAgeInSeconds belongs to provisioned mode'],
    [onFailure('kafka://failed'), 'a Kafka topic as DestinationConfig belongs to provisioned mode'],
    [
      { ...PROVISIONED, ...onFailure('kafka://prices') },
      'the on-failure destination is the topic that the mapping reads',
    ],
    [
      { ProvisionedPollerConfig: { MinimumPollers: 201 } },
      'MinimumPollers is 201, and Lambda takes 1 to 200',
    ],
    [
      { ProvisionedPollerConfig: { MaximumPollers: 2_001 } },
      'MaximumPollers is 2001, and Lambda takes 1 to 2000',
    ],
    [
      { ProvisionedPollerConfig: { MinimumPollers: 3, MaximumPollers: 2 } },
      'MinimumPollers (3) is above MaximumPollers (2)',
    ],
    [
      { StartingPosition: 'AT_TIMESTAMP' },
      'StartingPositionTimestamp goes with StartingPosition AT_TIMESTAMP',
    ],
    [{ FilterCriteria: { Filters: [{ Pattern: '{"body":["a"]}' }] } }, 'a record of Kafka has no field body'],
    [{ FilterCriteria: { Filters: [{ Pattern: '{"value":{"a":[{"near":1}]}}' }] } }, '{"near":1} is no rule'],
  ])('%j', (properties, sentence) => {
    const refused = expect.objectContaining({
      code: 'mapping_refused',
      message: expect.stringContaining(sentence),
    })
    expect(() => templateOf(properties)).toThrow(refused)
    expect(() => templateOf(properties)).toThrow(
      /^app\/mapping\/Resource \(AWS::Lambda::EventSourceMapping\): AWS refuses this mapping: [^\n]*\.$/,
    )
  })

  test("the function's timeout is at most 14 minutes", () => {
    expect(templateOf({}, 840).mappings).toHaveLength(1)
    expect(() => templateOf({}, 841)).toThrow(
      "the function's timeout is 841 s, and at most 840 s are allowed",
    )
  })

  test('what it takes is started: -1 for no end, and every error control in provisioned mode', () => {
    const [mapping] = templateOf({
      ...PROVISIONED,
      ...onFailure({ 'Fn::GetAtt': ['queue', 'Arn'] }),
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: -1,
      MaximumRecordAgeInSeconds: -1,
    }).mappings
    expect(mapping).toMatchObject({
      pollers: { minimum: 1, maximum: 200 },
      reportBatchItemFailures: true,
      errorControls: { bisectBatchOnFunctionError: true, onFailure: { kind: 'sqs', name: 'queue' } },
    })
  })
})

describe('a setting that is not emulated', () => {
  test('is told by type and property, once', () => {
    const { notEmulated } = templateOf({
      KmsKeyArn: 'arn:aws:kms:us-east-1:1:key/1',
      ProvisionedPollerConfig: { PollerGroupName: 'shared' },
      LoggingConfig: {},
      AmazonManagedKafkaEventSourceConfig: { SchemaRegistryConfig: {} },
    })
    expect(notEmulated).toEqual([
      'AWS::Lambda::EventSourceMapping KmsKeyArn',
      'AWS::Lambda::EventSourceMapping LoggingConfig',
      'AWS::Lambda::EventSourceMapping AmazonManagedKafkaEventSourceConfig.SchemaRegistryConfig',
      'AWS::Lambda::EventSourceMapping ProvisionedPollerConfig.PollerGroupName',
    ])
  })
})

test('self-managed Kafka has settings with effect: none of them is told', () => {
  const { notEmulated, mappings } = templateOf({
    SelfManagedEventSource: { Endpoints: { KafkaBootstrapServers: ['broker.example:9092'] } },
    SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: 'own' },
    SourceAccessConfigurations: [{ Type: 'BASIC_AUTH', URI: 'arn:aws:secretsmanager:us-east-1:1:secret:a' }],
  })
  expect(notEmulated).toEqual([])
  expect(mappings).toMatchObject([{ isSelfManaged: true, consumerGroupId: 'own' }])
})

describe('ConsumerGroupId', () => {
  test('is the UUID of the mapping where the template names none: that of no other stack, and the same in each run', () => {
    const groups = ['shop', 'bank', 'shop'].map((stack) => {
      const resource = (logicalId: string, type: string, properties: object) => ({
        ...{ stack, logicalId, type, path: `${stack}/${logicalId}`, assetDirectory: '/nowhere' },
        properties: properties as Readonly<Record<string, unknown>>,
      })
      const { mappings } = readTemplate([
        resource('consumer', 'AWS::Lambda::Function', { Runtime: 'nodejs24.x', Handler: 'index.handler' }),
        resource('mapping', 'AWS::Lambda::EventSourceMapping', {
          FunctionName: { Ref: 'consumer' },
          Topics: ['prices'],
          StartingPosition: 'LATEST',
        }),
      ])
      return mappings[0]?.consumerGroupId
    })
    expect(groups[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(groups[1]).not.toBe(groups[0])
    expect(groups[2]).toBe(groups[0])
  })
})
