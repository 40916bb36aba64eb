import { describe, expect, test } from '@jest/globals'
import {
  build,
  grantsOf,
  OWN_NETWORK_INTERFACES,
  ownLogsOf,
  resourceAt,
  resourcesByPath,
  templatesIn,
  templatesOf,
} from '../../synthesized.ts'

const { data, notification, monitoring } = templatesIn(build({ size: 'small', publicLinks: 'on' }))

describe('the public page', () => {
  test('is there only where it is asked for', () => {
    const off = templatesOf('small')
    expect([...resourcesByPath(off.notification, 'AWS::Lambda::Url').keys()]).toEqual([])
    expect([...resourcesByPath(off.data, 'AWS::SecretsManager::Secret').keys()]).toEqual([
      'keepa-api-key/Resource',
    ])
  })

  test('is open to anybody through its address, and through nothing else', () => {
    const url = resourceAt(notification, 'AWS::Lambda::Url', 'links/')
    expect(url.Properties).toMatchObject({ AuthType: 'NONE' })
    const permissions = [...resourcesByPath(notification, 'AWS::Lambda::Permission')]
      .filter(([path]) => path.startsWith('links/'))
      .map(
        ([
          ,
          {
            Properties: { FunctionName: _, ...permission },
          },
        ]) => permission,
      )
    // Since October 2025 an address needs both: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
    expect(permissions).toEqual(
      expect.arrayContaining([
        { Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'NONE', Principal: '*' },
        { Action: 'lambda:InvokeFunction', InvokedViaFunctionUrl: true, Principal: '*' },
      ]),
    )
    expect(permissions).toHaveLength(2)
  })

  test('runs a few at once at most, so that a flood of requests neither costs much nor reaches the database', () => {
    expect(resourceAt(notification, 'AWS::Lambda::Function', 'links/').Properties).toMatchObject({
      ReservedConcurrentExecutions: 5,
      Timeout: 15,
    })
  })

  test('may sign in to the database as its own user and read the keys of links, and nothing else', () => {
    expect(grantsOf(notification, 'links')).toEqual({
      ...ownLogsOf('links'),
      ...OWN_NETWORK_INTERFACES,
      'Allow rds-db:connect': expect.stringMatching(/\/keeper_links$/),
      'Allow secretsmanager:GetSecretValue': '<linkkeys>',
      'Allow secretsmanager:DescribeSecret': '<linkkeys>',
    })
  })

  test('checks links with keys that AWS has made up, and that a deployment does not replace', () => {
    const { Properties, DeletionPolicy } = resourceAt(data, 'AWS::SecretsManager::Secret', 'link-keys')
    expect(Properties).not.toHaveProperty('SecretString')
    expect(Properties.GenerateSecretString).toMatchObject({
      GenerateStringKey: 'current',
      PasswordLength: 64,
    })
    expect(DeletionPolicy).toBe('RetainExceptOnCreate')
  })

  test('is watched, and says its address after a deployment', () => {
    const alarms = [...resourcesByPath(monitoring, 'AWS::CloudWatch::Alarm').keys()]
    expect(alarms.filter((path) => path.startsWith('links-'))).toEqual([
      'links-errors/Resource',
      'links-throttles/Resource',
      'links-duration/Resource',
    ])
    expect(notification.toJSON().Outputs).toHaveProperty('LinksUrl')
  })
})
