import { describe, expect, test } from '@jest/globals'
import { App, Duration, Stack } from 'aws-cdk-lib'
import { CfnEventSourceMapping, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda'
import { CfnConfiguration, CfnTopic } from 'aws-cdk-lib/aws-msk'
import { encodeTopicConfigs } from '../../lib/constructs/kafka/kafka-topics.ts'
import { PipelineRules } from '../../lib/pipeline-rules.ts'

const CLUSTER = 'arn:aws:kafka:eu-central-1:111122223333:cluster/c/u'
const POLLERS = { minimumPollers: 1, maximumPollers: 2 }

interface ConsumerProps {
  readonly mapping?: Partial<ConstructorParameters<typeof CfnEventSourceMapping>[2]>
  readonly timeout?: Duration
  readonly partialBatchResponse?: string
}

/** A stack with one consumer that breaks no rule, but for what `props` change. */
function stackWithConsumer({ mapping, timeout, partialBatchResponse }: ConsumerProps = {}): Stack {
  const stack = new Stack(new App({ builtinCloudFormationValidation: false }), 'stack')
  const consumer = new LambdaFunction(stack, 'consumer', {
    runtime: Runtime.NODEJS_24_X,
    code: Code.fromInline('exports.handler = () => {}'),
    handler: 'index.handler',
    timeout: timeout ?? Duration.minutes(5),
    environment: { PARTIAL_BATCH_RESPONSE: partialBatchResponse ?? 'false' },
  })
  new CfnEventSourceMapping(stack, 'mapping', {
    functionName: consumer.functionName,
    eventSourceArn: CLUSTER,
    topics: ['price-updates'],
    startingPosition: 'TRIM_HORIZON',
    ...mapping,
  })
  return stack
}

const synthesize = (stack: Stack) => () => {
  PipelineRules.apply(stack)
  App.of(stack)?.synth()
}

describe('the pipeline rules', () => {
  test('let a consumer pass that keeps them', () => {
    expect(synthesize(stackWithConsumer())).not.toThrow()
  })

  test.each([
    [
      'ReportBatchItemFailures',
      'FunctionResponseTypes',
      { functionResponseTypes: ['ReportBatchItemFailures'] },
    ],
    ['bisecting', 'BisectBatchOnFunctionError', { bisectBatchOnFunctionError: true }],
    ['a limit on retries', 'MaximumRetryAttempts', { maximumRetryAttempts: 3 }],
    ['a maximum record age', 'MaximumRecordAgeInSeconds', { maximumRecordAgeInSeconds: 60 }],
  ])('refuse %s on demand and take it in provisioned mode', (_, name, mapping) => {
    expect(synthesize(stackWithConsumer({ mapping }))).toThrow(
      `stack/mapping: remove ${name} or give the consumer pollers, because Lambda accepts error controls for Kafka only in provisioned mode.`,
    )
    expect(
      synthesize(stackWithConsumer({ mapping: { ...mapping, provisionedPollerConfig: POLLERS } })),
    ).not.toThrow()
  })

  test.each([0, 10_001])('refuse batches of %i records', (batchSize) => {
    expect(synthesize(stackWithConsumer({ mapping: { batchSize } }))).toThrow(
      `stack/mapping: set the batch size (${batchSize}) to 1 to 10000, Lambda's range.`,
    )
  })

  test.each([1, 10_000])('take batches of %i records', (batchSize) => {
    expect(synthesize(stackWithConsumer({ mapping: { batchSize } }))).not.toThrow()
  })

  test('refuse a consumer that may run longer than 14 minutes', () => {
    expect(synthesize(stackWithConsumer({ timeout: Duration.minutes(15) }))).toThrow(
      'stack/consumer/Resource: lower the timeout (900 s) to at most 840 s, the limit for a function that Kafka invokes.',
    )
    expect(synthesize(stackWithConsumer({ timeout: Duration.minutes(14) }))).not.toThrow()
  })

  test('refuse a function that returns failures which its mapping does not read', () => {
    expect(synthesize(stackWithConsumer({ partialBatchResponse: 'true' }))).toThrow(
      'stack/consumer/Resource: set PARTIAL_BATCH_RESPONSE to false or report batch item failures on stack/mapping, or Lambda commits the records that the function returns as failed.',
    )
  })

  test('refuse a topic that forgets before seven days are over', () => {
    const stack = stackWithConsumer()
    new CfnTopic(stack, 'topic', {
      clusterArn: CLUSTER,
      topicName: 'price-updates',
      partitionCount: 1,
      replicationFactor: 1,
      configs: encodeTopicConfigs({ 'retention.ms': '604799999' }),
    })
    expect(synthesize(stack)).toThrow(
      'stack/topic: raise retention.ms (604799999) to at least 604800000, because the last 168 hours must be available for a replay.',
    )
  })

  test('refuse brokers that forget before seven days are over, and take those that never do', () => {
    const stackWith = (hours: number) => {
      const stack = stackWithConsumer()
      new CfnConfiguration(stack, 'configuration', {
        name: 'configuration',
        serverProperties: `auto.create.topics.enable=false\nlog.retention.hours=${hours}`,
      })
      return stack
    }
    expect(synthesize(stackWith(24))).toThrow('raise log.retention.hours (24) to at least 168,')
    expect(synthesize(stackWith(168))).not.toThrow()
    expect(synthesize(stackWith(-1))).not.toThrow()
  })
})
