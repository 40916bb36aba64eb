import { describe, expect, test } from '@jest/globals'
import {
  grantsOf,
  OWN_NETWORK_INTERFACES,
  ownLogsOf,
  resourceAt,
  resourcesByPath,
  templatesOf,
} from '../../synthesized.ts'

const producers = ['price-check', 'deal-collector', 'daily-deal-report']
const { pipeline } = templatesOf('dev')
const scheduleOf = (producer: string) =>
  resourceAt(pipeline, 'AWS::Scheduler::Schedule', `${producer}/schedule/`).Properties
const variablesOf = (producer: string) =>
  (
    resourceAt(pipeline, 'AWS::Lambda::Function', `${producer}/`).Properties.Environment as {
      Variables: Record<string, unknown>
    }
  ).Variables

describe('a scheduled producer', () => {
  test.each([
    ['price-check', 'rate(6 hours)', 'Etc/UTC'],
    ['history-import', 'rate(5 minutes)', 'Etc/UTC'],
    ['deal-collector', 'rate(1 hour)', 'Etc/UTC'],
    ['daily-deal-report', 'cron(0 8 * * ? *)', 'Europe/Berlin'],
  ])('%s runs at %s, %s', (producer, expression, zone) => {
    expect(scheduleOf(producer)).toMatchObject({
      ScheduleExpression: expression,
      ScheduleExpressionTimezone: zone,
      State: 'ENABLED',
    })
  })

  test.each(producers)('%s is told the time it was scheduled for, whenever it is started', (producer) => {
    expect(scheduleOf(producer)).toMatchObject({
      Target: { Input: '{"scheduledTime":"<aws.scheduler.scheduled-time>"}' },
    })
  })

  test('resumes an incomplete price check every ten minutes, by the same role and queue; the others do not', () => {
    const paths = [...resourcesByPath(pipeline, 'AWS::Scheduler::Schedule').keys()]
    expect(paths.filter((path) => path.includes('/resume-schedule/'))).toEqual([
      expect.stringMatching(/^price-check\//),
    ])
    const resuming = resourceAt(
      pipeline,
      'AWS::Scheduler::Schedule',
      'price-check/resume-schedule/',
    ).Properties
    const { Target: target } = scheduleOf('price-check') as { Target: object }
    expect(resuming).toMatchObject({
      ScheduleExpression: 'rate(10 minutes)',
      State: 'ENABLED',
      Target: { ...target, Input: '{"resume":true}' },
    })
  })

  test('history-import is started late by five minutes at most, when the next run is due', () => {
    expect(scheduleOf('history-import')).toMatchObject({
      Target: { RetryPolicy: { MaximumEventAgeInSeconds: 300 } },
    })
  })

  test.each(producers)('%s is started late by an hour at most', (producer) => {
    expect(scheduleOf(producer)).toMatchObject({
      Target: { RetryPolicy: { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 3 } },
    })
    expect(resourceAt(pipeline, 'AWS::Lambda::EventInvokeConfig', `${producer}/`).Properties).toMatchObject({
      MaximumEventAgeInSeconds: 3600,
      // The next run sends what a failed one left; a second try would spend Keepa's tokens twice.
      MaximumRetryAttempts: 0,
    })
  })

  test.each(producers)(
    '%s leaves a run that did not start and a run that failed in one queue',
    (producer) => {
      const { Target } = scheduleOf(producer) as { Target: { DeadLetterConfig: { Arn: unknown } } }
      const { DestinationConfig } = resourceAt(pipeline, 'AWS::Lambda::EventInvokeConfig', `${producer}/`)
        .Properties as { DestinationConfig: { OnFailure: { Destination: unknown } } }
      expect(DestinationConfig.OnFailure.Destination).toEqual(Target.DeadLetterConfig.Arn)
      expect(resourceAt(pipeline, 'AWS::SQS::Queue', `${producer}/`).Properties).toMatchObject({
        MessageRetentionPeriod: 14 * 24 * 3600,
      })
    },
  )

  test.each([
    ['price-check', 'price-updates', true],
    ['history-import', 'price-updates', true],
    ['deal-collector', 'deal-updates', true],
    ['daily-deal-report', 'deal-updates', false],
  ])(
    '%s may send to %s, sign in as its user and read no secret it does not need',
    (producer, topic, asksKeepa) => {
      const cluster = '<kafkaclusterArn>'
      const user = `keeper_${producer.replaceAll('-', '_')}`
      expect(grantsOf(pipeline, producer)).toEqual({
        'Allow kafka-cluster:Connect': cluster,
        'Allow kafka-cluster:WriteDataIdempotently': cluster,
        'Allow kafka-cluster:DescribeTopic': `<0 of ${cluster}>:topic/<1 of ${cluster}>/${topic}`,
        'Allow kafka-cluster:WriteData': `<0 of ${cluster}>:topic/<1 of ${cluster}>/${topic}`,
        ...ownLogsOf(producer),
        ...OWN_NETWORK_INTERFACES,
        'Allow rds-db:connect': `arn:<AWS::Partition>:rds-db:<AWS::Region>:<AWS::AccountId>:dbuser:<databaseinstanceDbiResourceId>/${user}`,
        'Allow sqs:GetQueueAttributes': expect.stringContaining('failedruns'),
        'Allow sqs:GetQueueUrl': expect.stringContaining('failedruns'),
        'Allow sqs:SendMessage': expect.stringContaining('failedruns'),
        ...(asksKeepa && {
          'Allow secretsmanager:DescribeSecret': '<keepaapikey>',
          'Allow secretsmanager:GetSecretValue': '<keepaapikey>',
        }),
      })
    },
  )

  test('is told where Kafka, the database and the key to Keepa are', () => {
    expect(variablesOf('price-check')).toEqual({
      KEEPER_FUNCTION: 'price-check',
      KEEPER_STAGE: 'dev',
      KAFKA_AUTHENTICATION: 'iam',
      KAFKA_BOOTSTRAP_SERVERS: expect.anything(),
      KAFKA_TOPIC_PRICES: 'price-updates',
      DATABASE_AUTHENTICATION: 'iam',
      DATABASE_URL: expect.anything(),
      KEEPA_API_KEY_SECRET_ARN: expect.anything(),
      KEEPA_BUY_BOX: 'on',
      NODE_EXTRA_CA_CERTS: '/var/runtime/ca-cert.pem',
    })
    expect(JSON.stringify(variablesOf('price-check').DATABASE_URL)).toContain('keeper_price_check@')
  })

  test('collects the deals of the marketplaces that the context names', () => {
    expect(variablesOf('deal-collector')).toMatchObject({
      KAFKA_TOPIC_DEALS: 'deal-updates',
      DEAL_DOMAINS: 'de',
    })
  })

  test('does not start before the migrations are applied', () => {
    for (const producer of producers) {
      const { DependsOn } = resourceAt(pipeline, 'AWS::Scheduler::Schedule', `${producer}/schedule/`)
      expect(DependsOn).toEqual(expect.arrayContaining([expect.stringMatching(/^migratortrigger/)]))
    }
  })
})
