import { describe, expect, test } from '@jest/globals'
import { existingContext } from './existing-parts.ts'
import { build, resourcesByPath, type StackName, templatesIn, templatesOf } from './synthesized.ts'

const STACKS: StackName[] = ['network', 'data', 'pipeline', 'notification', 'monitoring']

/** What CloudFormation makes of a resource without a DeletionPolicy. */
const defaultPolicy = (type: string) => (type === 'AWS::RDS::DBInstance' ? 'Snapshot' : 'Delete')

/** `stack type: construct`, each that is left when its stack is deleted. */
const remains = (templates: Record<StackName, ReturnType<typeof templatesOf>[StackName]>): string[] =>
  STACKS.flatMap((stack) =>
    [...resourcesByPath(templates[stack])]
      .filter(([, { Type, DeletionPolicy }]) => (DeletionPolicy ?? defaultPolicy(Type)) !== 'Delete')
      .map(
        ([path, { Type, DeletionPolicy }]) =>
          `${stack}: ${DeletionPolicy} ${Type} ${path.replace(/\/Resource$/, '')}`,
      ),
  )

const kept = (list: readonly string[], type: string) => list.filter((line) => line.includes(` ${type} `))

describe('a stage that was deleted', () => {
  test('leaves nothing of the size dev that costs, and nothing else', () => {
    expect(remains(templatesOf('dev'))).toEqual([])
  })

  test('of size dev leaves no topics in a cluster of somebody else', () => {
    expect(remains(templatesIn(build(existingContext)))).toEqual([])
  })

  test.each(['small', 'large'])('leaves its data, key and logs in %s', (size) => {
    const list = remains(templatesOf(size))
    const logs = kept(list, 'AWS::Logs::LogGroup')
    expect(list.filter((line) => !logs.includes(line)).sort()).toEqual([
      'data: RetainExceptOnCreate AWS::MSK::Cluster kafka/cluster',
      'data: RetainExceptOnCreate AWS::MSK::Configuration kafka/configuration',
      'data: RetainExceptOnCreate AWS::MSK::Topic topics/deal-updates',
      'data: RetainExceptOnCreate AWS::MSK::Topic topics/price-updates',
      'data: RetainExceptOnCreate AWS::SecretsManager::Secret keepa-api-key',
      'data: Snapshot AWS::RDS::DBInstance database/instance',
    ])
    expect(logs.length).toBeGreaterThan(10)
  })

  test.each(['small', 'large'])(
    'leaves no log group of %s whose name the next deployment would need',
    (size) => {
      const named = STACKS.flatMap((stack) => [
        ...resourcesByPath(templatesOf(size)[stack], 'AWS::Logs::LogGroup').values(),
      ]).map(({ Properties }) => JSON.stringify(Properties.LogGroupName ?? 'AWS::StackId'))
      for (const name of named) expect(name).toContain('AWS::StackId')
    },
  )
})

describe('a first deployment that fails', () => {
  test.each(['dev', 'small', 'large'])('can be rolled back and repeated in %s', (size) => {
    const stacks = build({ size })
    for (const stack of STACKS) {
      for (const [path, resource] of resourcesByPath(templatesOf(size)[stack])) {
        // `Retain` would also hold when a creation is rolled back, and the name would be taken the next time.
        expect([path, resource.DeletionPolicy]).not.toEqual([path, 'Retain'])
        expect([path, resource.Properties?.DeletionProtection ?? false]).toEqual([path, false])
      }
      expect(stacks[stack].terminationProtection ?? false).toBe(false)
    }
  })
})
