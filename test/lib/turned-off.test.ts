import { describe, expect, test } from '@jest/globals'
import type { Template } from 'aws-cdk-lib/assertions'
import { build, type StackName, templatesIn, templatesOf } from './synthesized.ts'

/** The order of docs/deploy.md, "Turning a part off": each stack before those that it imports from. */
const ORDER = [
  'monitoring',
  'operations',
  'notification',
  'pipeline',
  'data',
  'network',
] as const satisfies StackName[]

const exportsOf = (template: Template): string[] =>
  Object.values(template.toJSON().Outputs ?? {}).flatMap((output) => {
    const { Export } = output as { Export?: { Name: string } }
    return Export ? [Export.Name] : []
  })
const importsOf = (template: Template): string[] =>
  [...JSON.stringify(template.toJSON()).matchAll(/"Fn::ImportValue":"([^"]+)"/g)].map(
    ([, name]) => name ?? '',
  )

describe.each([
  ['search', templatesOf('small', { search: 'on' }), templatesOf('small')],
  ['publicLinks', templatesOf('small', { publicLinks: 'on' }), templatesOf('small')],
  ['mailFrom', templatesOf('small'), templatesIn(build({ size: 'small', mailFrom: undefined }))],
])('%s is turned off from the last stack to the first', (_, before, after) => {
  test.each(ORDER.map((name, place) => [name, ORDER.slice(place + 1)] as const))(
    '%s finds what it imports in stacks that have not been deployed yet',
    (name, notYet) => {
      const there = notYet.flatMap((stack) => exportsOf(before[stack]))
      expect(importsOf(after[name]).filter((imported) => !there.includes(imported))).toEqual([])
    },
  )

  test('network and data hold what nobody imports any more, which is why they come last', () => {
    const goes = (['network', 'data'] as const).flatMap((name) => {
      const left = exportsOf(after[name])
      return exportsOf(before[name]).filter((exported) => !left.includes(exported))
    })
    expect(goes.length).toBeGreaterThan(0)
    const imported = ORDER.flatMap((name) => importsOf(after[name]))
    expect(goes.filter((name) => imported.includes(name))).toEqual([])
  })
})
