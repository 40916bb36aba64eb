import { describe, expect, test } from '@jest/globals'
import type { Template } from 'aws-cdk-lib/assertions'

import { KEEPA_API_KEY_PLACEHOLDER } from '../../lambdas/core/environment.ts'
import {
  type Resource,
  resourceAt,
  resourcesByPath,
  type StackName,
  templatesOf,
  widgetsOf,
} from './synthesized.ts'

const stacks: StackName[] = ['network', 'data', 'pipeline', 'operations', 'notification', 'monitoring']
const sizes = ['dev', 'small', 'large']
const everyStack = sizes.flatMap((size) => stacks.map((stack) => [size, stack] as const))

interface Statement {
  readonly Effect: string
  readonly Action: string | string[]
  readonly Resource?: unknown
}

const statementsOf = ({ Properties }: Resource): Statement[] =>
  (Properties?.PolicyDocument as { Statement: Statement[] } | undefined)?.Statement ?? []

/** Where an asset lies, and the hashes of assets and versions, change with the machine and any source file. */
const masked = (template: Template): unknown =>
  JSON.parse(
    JSON.stringify(template.toJSON())
      .replaceAll(/"aws:asset:path":"[^"]*"/g, '"aws:asset:path":"<asset>"')
      .replaceAll(/[0-9a-f]{64}/g, '<hash>')
      .replaceAll(/(CurrentVersion[0-9A-F]{8})[0-9a-f]{32}/g, '$1<hash>'),
  )

describe('each stack', () => {
  test.each(everyStack)('of %s grants on all resources what takes no resource only: %s', (size, stack) => {
    for (const [, resource] of resourcesByPath(templatesOf(size)[stack])) {
      const wide = statementsOf(resource).filter(
        ({ Effect, Resource }) => Effect === 'Allow' && [Resource].flat().includes('*'),
      )
      for (const action of wide.flatMap(({ Action }) => [Action].flat())) {
        // Network interfaces, traces, bootstrap brokers, the list of mappings, metrics and the rate of an account's mails: https://docs.aws.amazon.com/service-authorization/latest/reference/
        expect(action).toMatch(
          /^(ec2:.*(NetworkInterfaces?|PrivateIpAddresses|Subnets|Vpcs|SecurityGroups)|xray:Put.*|kafka:GetBootstrapBrokers|lambda:ListEventSourceMappings|ses:GetAccount|cloudwatch:(ListMetrics|GetMetricData))$/,
        )
      }
    }
  })

  test.each(everyStack)('of %s lets nobody in from any address: %s', (size, stack) => {
    expect(
      JSON.stringify(templatesOf(size)[stack].findResources('AWS::EC2::SecurityGroupIngress')),
    ).not.toMatch(/CidrIp/)
  })

  test.each(everyStack)('of %s bears the project, stage and size as tags: %s', (size, stack) => {
    for (const [path, { Properties }] of resourcesByPath(templatesOf(size)[stack], 'AWS::Lambda::Function')) {
      if (!path.includes('Custom')) {
        expect(Properties.Tags).toEqual(
          expect.arrayContaining([
            { Key: 'project', Value: 'keeper' },
            { Key: 'stage', Value: 'dev' },
            { Key: 'size', Value: size },
          ]),
        )
      }
    }
  })

  test.each(everyStack)(
    'of %s has functions whose logs forget, those of the CDK among them: %s',
    (size, stack) => {
      for (const [path, { Properties }] of resourcesByPath(
        templatesOf(size)[stack],
        'AWS::Lambda::Function',
      )) {
        expect({ path, logs: Properties.LoggingConfig }).toMatchObject({
          path,
          logs: { LogGroup: expect.anything() },
        })
      }
      for (const [path, { Properties }] of resourcesByPath(templatesOf(size)[stack], 'AWS::Logs::LogGroup')) {
        expect({ path, days: Properties.RetentionInDays }).toEqual({ path, days: expect.any(Number) })
      }
    },
  )

  test.each(everyStack)('of %s names no resource that could then not be replaced: %s', (size, stack) => {
    const names = [
      'FunctionName',
      'RoleName',
      'QueueName',
      'DBInstanceIdentifier',
      'LogGroupName',
      'DashboardName',
    ]
    for (const [path, { Properties }] of resourcesByPath(templatesOf(size)[stack])) {
      // A reference is no name of its own.
      expect({ path, named: names.filter((name) => typeof Properties?.[name] === 'string') }).toEqual({
        path,
        named: [],
      })
    }
  })

  test.each(stacks)('is as it was when its snapshot was taken: %s', (stack) => {
    expect(masked(templatesOf('dev')[stack])).toMatchSnapshot()
  })
})

describe("the secret for Keepa's key", () => {
  test('begins with what the producers know is no key, and is never written again by a deployment', () => {
    const { Properties } = resourceAt(templatesOf('dev').data, 'AWS::SecretsManager::Secret', 'keepa-api-key')
    expect(Properties).not.toHaveProperty('SecretString')
    expect(Properties.GenerateSecretString).toMatchObject({
      SecretStringTemplate: expect.stringContaining(KEEPA_API_KEY_PLACEHOLDER),
    })
  })
})

describe('what people need to know after a deployment', () => {
  test('is in the outputs', () => {
    const outputsOf = (stack: StackName) =>
      Object.keys(templatesOf('dev')[stack].toJSON().Outputs ?? {}).filter(
        (name) => !/^(Exports|Publish)/.test(name),
      )
    expect(outputsOf('data')).toEqual([
      'KafkaClusterArn',
      'BootstrapBrokers',
      'DatabaseEndpoint',
      'DatabaseSecret',
      'KeepaApiKeySecret',
    ])
    expect(outputsOf('pipeline')).toEqual([
      'pricecheckfunction',
      'historyimportfunction',
      'dealcollectorfunction',
      'dailydealreportfunction',
      'priceconsumerfunction',
      'dealconsumerfunction',
      'maintenancefunction',
      'migratorfunction',
      'pricecheckfailedruns',
      'pricecheckschedule',
      'pricecheckresumeschedule',
      'historyimportfailedruns',
      'historyimportschedule',
      'dealcollectorfailedruns',
      'dealcollectorschedule',
      'dailydealreportfailedruns',
      'dailydealreportschedule',
      'maintenancefailedruns',
      'maintenanceschedule',
    ])
    expect(outputsOf('notification')).toEqual([
      'notifierfunction',
      'notifierfailedruns',
      'notifierschedule',
      'maileventsfunction',
      'mailfrom',
      'mailidentity',
    ])
    expect(outputsOf('operations')).toEqual(['operatorreaderfunction', 'operatorfunction'])
    expect(outputsOf('monitoring').filter((key) => !key.endsWith('dashboard'))).toEqual([
      'DashboardName',
      'AlarmTopic',
    ])
    // One of each dashboard: monitoring-stack.test.ts
  })
})

describe('the dashboard of a step', () => {
  const { monitoring } = templatesOf('dev')

  test.each([
    ['price-check', ['EventsSent', 'EventsNotSent', 'KeepaTokensLeft']],
    ['history-import', ['EventsSent', 'EventsNotSent', 'KeepaTokensLeft']],
    ['daily-deal-report', ['EventsSent', 'EventsNotSent']],
    ['price-consumer', ['HistoryRowsStored', 'AlertsRaised', 'RecordsRejected', 'RecordAgeSeconds']],
    ['deal-consumer', ['HistoryRowsStored', 'AlertsRaised', 'RecordsRejected', 'RecordAgeSeconds']],
  ])('shows what the function of %s counts', (step, metrics) => {
    const shown = widgetsOf(monitoring, step)
      .flatMap((widget) => widget.metrics ?? [])
      .filter(([namespace, , , name]) => namespace === 'Keeper' && name === step)
      .map(([, metric]) => metric)
    expect(shown).toEqual(expect.arrayContaining(metrics))
  })

  test.each(['price-consumer', 'deal-consumer'])('shows how many records %s is behind', (consumer) => {
    const shown = widgetsOf(monitoring, consumer).flatMap(({ metrics = [] }) => metrics)
    expect(shown).toContainEqual(expect.arrayContaining(['AWS/Lambda', 'OffsetLag', 'FunctionName']))
  })

  test('keeps no function from being removed', () => {
    expect(JSON.stringify(monitoring.toJSON())).not.toContain('Fn::ImportValue')
  })
})
