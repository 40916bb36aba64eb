import { describe, expect, test } from '@jest/globals'
import { Duration, Size, Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler'
import { PROFILES } from '../../../../lib/config.ts'
import { ScheduledFunction } from '../../../../lib/constructs/functions/scheduled-function.ts'
import { build, grantsOf, OWN_NETWORK_INTERFACES, ownLogsOf, resourceAt } from '../../synthesized.ts'

const { network, data } = build({ size: 'small' })
const stack = new Stack(data.node.root, 'scheduled')
const shared = {
  defaults: { stage: 'dev', logs: PROFILES.small.logs },
  // A folder with a handler: what it does is not looked at here.
  source: 'migrator',
  description: 'Of the test',
  timeout: Duration.seconds(50),
  memory: Size.mebibytes(256),
  network: network.functions('notifiers', { description: 'Of the test', reaches: ['internet', 'postgres'] }),
}
const notifier = new ScheduledFunction(stack, 'notifier', {
  ...shared,
  schedule: ScheduleExpression.rate(Duration.minutes(1)),
  interval: Duration.minutes(1),
})
data.postgres.connect(notifier.function)
const maintenance = new ScheduledFunction(stack, 'maintenance', {
  ...shared,
  schedule: ScheduleExpression.rate(Duration.days(1)),
  interval: Duration.days(1),
  environment: { OLDER_THAN: '90 days' },
})
const template = Template.fromStack(stack)
const variablesOf = (name: string) =>
  (resourceAt(template, 'AWS::Lambda::Function', `${name}/`).Properties.Environment as { Variables: object })
    .Variables

describe('a scheduled function', () => {
  test('knows no Kafka, and the database only where it is connected to it', () => {
    expect(Object.keys(variablesOf('maintenance')).sort()).toEqual([
      'KEEPER_FUNCTION',
      'KEEPER_STAGE',
      'OLDER_THAN',
    ])
    expect(Object.keys(variablesOf('notifier')).sort()).toEqual([
      'DATABASE_AUTHENTICATION',
      'DATABASE_URL',
      'KEEPER_FUNCTION',
      'KEEPER_STAGE',
      'NODE_EXTRA_CA_CERTS',
    ])
    expect(grantsOf(template, 'notifier')).toEqual({
      ...ownLogsOf('notifier'),
      ...OWN_NETWORK_INTERFACES,
      'Allow rds-db:connect': expect.stringMatching(/\/keeper_notifier$/),
      'Allow sqs:GetQueueAttributes': expect.stringContaining('failedruns'),
      'Allow sqs:GetQueueUrl': expect.stringContaining('failedruns'),
      'Allow sqs:SendMessage': expect.stringContaining('failedruns'),
    })
  })

  test.each([
    ['notifier', 60],
    ['maintenance', 3600],
  ])('%s is not started any more when its next run is due, or after an hour: %i s', (name, seconds) => {
    expect(resourceAt(template, 'AWS::Scheduler::Schedule', `${name}/`).Properties).toMatchObject({
      Target: { RetryPolicy: { MaximumEventAgeInSeconds: seconds, MaximumRetryAttempts: 3 } },
    })
    expect(resourceAt(template, 'AWS::Lambda::EventInvokeConfig', `${name}/`).Properties).toMatchObject({
      MaximumEventAgeInSeconds: seconds,
      MaximumRetryAttempts: 0,
    })
  })

  test.each([
    [notifier, 'notifier has not run for 10 minutes, longer than its schedule allows.', 300, 2],
    [maintenance, 'maintenance has not run for 25 hours, longer than its schedule allows.', 3600, 25],
  ])('is missed: %#', (scheduled, sentence, seconds, periods) => {
    const [silent] = scheduled.alarms()
    expect(silent).toMatchObject({ runbook: 'no-run', sentence, periods, missing: 'breaching' })
    const stat = silent?.metric.toMetricConfig().metricStat
    expect([stat?.metricName, stat?.period.toSeconds()]).toEqual(['Invocations', seconds])
  })

  test('has an alarm for what cannot be seen otherwise', () => {
    expect(notifier.alarms().map(({ id }) => id)).toEqual([
      'notifier-silent',
      'notifier-failed-runs',
      'notifier-errors',
      'notifier-throttles',
      'notifier-duration',
    ])
  })
})
