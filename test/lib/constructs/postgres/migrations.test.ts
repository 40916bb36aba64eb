import { describe, expect, test } from '@jest/globals'
import { grantsOf, OWN_NETWORK_INTERFACES, ownLogsOf, resourceAt, templatesOf } from '../../synthesized.ts'

const { pipeline } = templatesOf('dev')

describe('the migrations', () => {
  test('run during a deployment, again whenever the migrator or its files changed, and fail it when they fail', () => {
    expect(resourceAt(pipeline, 'Custom::Trigger', 'migrator/').Properties).toMatchObject({
      InvocationType: 'RequestResponse',
      HandlerArn: { Ref: expect.stringMatching(/^migratorCurrentVersion/) },
    })
  })

  test('end by their own time limit before the trigger stops waiting, and that before its function ends', () => {
    const secondsOf = (path: string) =>
      Number(resourceAt(pipeline, 'AWS::Lambda::Function', path).Properties.Timeout)
    const trigger = Number(resourceAt(pipeline, 'Custom::Trigger', 'migrator/').Properties.Timeout) / 1000
    expect(secondsOf('migrator/')).toBeLessThan(trigger)
    expect(trigger).toBeLessThan(secondsOf('AWSCDK.TriggerCustomResourceProvider'))
  })

  test('sign in as the owner of the tables, at first with the secret, and may do nothing else', () => {
    expect(grantsOf(pipeline, 'migrator')).toEqual({
      ...ownLogsOf('migrator'),
      ...OWN_NETWORK_INTERFACES,
      'Allow rds-db:connect': expect.stringMatching(/:dbuser:.*\/keeper$/),
      'Allow secretsmanager:DescribeSecret': '<databaseinstanceMasterUserSecretSecretArn>',
      'Allow secretsmanager:GetSecretValue': '<databaseinstanceMasterUserSecretSecretArn>',
    })
    expect(resourceAt(pipeline, 'AWS::Lambda::Function', 'migrator/').Properties.Environment).toMatchObject({
      Variables: { DATABASE_AUTHENTICATION: 'iam', DATABASE_SECRET_ARN: expect.anything() },
    })
  })

  test.each([
    'price-consumer',
    'deal-consumer',
    'price-check',
    'history-import',
    'deal-collector',
    'daily-deal-report',
  ])('come before %s, so that no function meets tables older than itself', (name) => {
    const { DependsOn } = resourceAt(pipeline, 'AWS::Lambda::Function', `${name}/`)
    expect(DependsOn).toEqual(expect.arrayContaining([expect.stringMatching(/^migratortrigger/)]))
  })
})
