import { describe, expect, test } from '@jest/globals'
import { Match } from 'aws-cdk-lib/assertions'
import { MAIL_FROM, resourceAt, templatesOf } from '../../synthesized.ts'

const { notification, monitoring } = templatesOf('dev')

describe('mail', () => {
  test('has one sender, and tells EventBridge of mails that are sent and that fail', () => {
    notification.hasResourceProperties('AWS::SES::EmailIdentity', { EmailIdentity: MAIL_FROM })
    notification.hasResourceProperties('AWS::SES::ConfigurationSet', {
      ReputationOptions: { ReputationMetricsEnabled: true },
      DeliveryOptions: { TlsPolicy: 'REQUIRE' },
    })
    notification.hasResourceProperties('AWS::SES::ConfigurationSetEventDestination', {
      EventDestination: {
        Enabled: true,
        EventBridgeDestination: Match.anyValue(),
        MatchingEventTypes: ['send', 'bounce', 'complaint', 'reject', 'renderingFailure'],
      },
    })
  })

  test('makes no identity of its own where SES has verified one, which the notifier and people then ask for', () => {
    const { notification, operations } = templatesOf('dev', { existingMailIdentity: 'example.com' })
    notification.resourceCountIs('AWS::SES::EmailIdentity', 0)
    notification.hasOutput('mailidentity', { Value: 'example.com' })
    expect(JSON.stringify(operations.toJSON())).toContain(':identity/example.com"')
    expect(JSON.stringify(operations.toJSON())).not.toContain(`:identity/${MAIL_FROM}"`)
  })

  test('brings events of its own configuration set to the function, and what fails to a queue', () => {
    const rule = resourceAt(notification, 'AWS::Events::Rule', 'mail-events/rule').Properties
    expect(rule.EventPattern).toEqual({
      source: ['aws.ses'],
      'detail-type': [
        'Email Sent',
        'Email Bounced',
        'Email Complaint Received',
        'Email Rejected',
        'Email Rendering Failed',
      ],
      detail: { mail: { tags: { 'ses:configuration-set': [{ Ref: expect.stringMatching(/^mailmails/) }] } } },
    })
    expect(rule.Targets).toEqual([expect.objectContaining({ DeadLetterConfig: { Arn: expect.anything() } })])
    notification.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      FunctionName: { Ref: Match.stringLikeRegexp('^mailevents') },
      MaximumRetryAttempts: 2,
      DestinationConfig: { OnFailure: Match.anyValue() },
    })
  })

  test('gives the notifier its sender and configuration set', () => {
    notification.hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: Match.objectLike({
          KEEPER_FUNCTION: 'notifier',
          MAIL_FROM,
          MAIL_CONFIGURATION_SET: { Ref: Match.stringLikeRegexp('^mailmails') },
          CHANNEL_ADDRESSES: 'public',
        }),
      },
    })
  })

  test.each([
    ['mail-bounces', 'Reputation.BounceRate', 0.05],
    ['mail-complaints', 'Reputation.ComplaintRate', 0.001],
  ])('rings when SES would begin to watch the account: %s', (id, metric, threshold) => {
    const alarm = resourceAt(monitoring, 'AWS::CloudWatch::Alarm', id).Properties
    expect(alarm).toMatchObject({
      Threshold: threshold,
      ComparisonOperator: 'GreaterThanThreshold',
      Metrics: [
        {
          MetricStat: {
            Metric: {
              Namespace: 'AWS/SES',
              MetricName: metric,
              Dimensions: [{ Name: 'ses:configuration-set' }],
            },
          },
        },
      ],
    })
  })
})
