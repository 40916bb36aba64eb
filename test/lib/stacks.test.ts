import { describe, expect, test } from '@jest/globals'
import type { Template } from 'aws-cdk-lib/assertions'
import { type Resource, resourcesByPath, type StackName, templatesOf } from './synthesized.ts'

const stacks: StackName[] = ['network', 'data', 'pipeline', 'monitoring']
const sizes = ['dev', 'small', 'large']
const everyStack = sizes.flatMap((size) => stacks.map((stack) => [size, stack] as const))

interface Statement {
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
  test.each(everyStack)('of %s grants nothing on all resources: %s', (size, stack) => {
    for (const [, resource] of resourcesByPath(templatesOf(size)[stack])) {
      for (const { Resource } of statementsOf(resource)) expect([Resource].flat()).not.toContain('*')
    }
  })

  test.each(everyStack)('of %s never destroys data with itself: %s', (size, stack) => {
    const kinds = ['AWS::MSK::Topic', 'AWS::MSK::Cluster', 'AWS::RDS::DBInstance']
    for (const [, { Type, DeletionPolicy, UpdateReplacePolicy }] of resourcesByPath(
      templatesOf(size)[stack],
    )) {
      if (!kinds.includes(Type)) continue
      expect(['Retain', 'Snapshot']).toContain(DeletionPolicy)
      expect(['Retain', 'Snapshot']).toContain(UpdateReplacePolicy)
    }
  })

  test.each(everyStack)('of %s names no resource that could then not be replaced: %s', (size, stack) => {
    const names = [
      'FunctionName',
      'RoleName',
      'QueueName',
      'DBInstanceIdentifier',
      'LogGroupName',
      'DashboardName',
    ]
    for (const [path, { Type, Properties }] of resourcesByPath(templatesOf(size)[stack])) {
      if (Type === 'AWS::Lambda::EventSourceMapping' || Type.startsWith('AWS::Lambda::Ev')) continue
      if (Type === 'AWS::Lambda::Version') continue
      expect({ path, named: names.filter((name) => Properties?.[name] !== undefined) }).toEqual({
        path,
        named: [],
      })
    }
  })

  test.each(stacks)('is as it was when its snapshot was taken: %s', (stack) => {
    expect(masked(templatesOf('dev')[stack])).toMatchSnapshot()
  })
})

describe('what people need to know after a deployment', () => {
  test('is in the outputs', () => {
    const outputsOf = (stack: StackName) =>
      Object.keys(templatesOf('dev')[stack].toJSON().Outputs ?? {}).filter(
        (name) => !/^(Exports|Publish)/.test(name),
      )
    expect(outputsOf('data')).toEqual(['BootstrapBrokers', 'DatabaseEndpoint', 'KeepaApiKeySecret'])
    expect(outputsOf('pipeline')).toEqual([
      'pricecheckfunction',
      'dealcollectorfunction',
      'dailydealreportfunction',
      'priceconsumerfunction',
      'dealconsumerfunction',
      'migratorfunction',
    ])
    expect(outputsOf('monitoring')).toEqual(['DashboardName'])
  })
})

describe('the dashboard', () => {
  const body = JSON.stringify(templatesOf('dev').monitoring.toJSON())

  test.each([
    'EventsSent',
    'EventsNotSent',
    'HistoryRowsStored',
    'AlertsRaised',
    'RecordsRejected',
    'OffsetLag',
  ])('shows %s', (metric) => {
    expect(body).toContain(metric)
  })

  test('keeps no function from being removed', () => {
    expect(body).not.toContain('Fn::ImportValue')
  })
})
