import { expect, test } from '@jest/globals'
import { CHANGES } from '../../client/keeper.ts'
import { operations } from '../../lambdas/operator/operations.ts'

test('clients ask operator for what changes things, and operator-reader for the rest', () => {
  const changes = Object.entries(operations).filter(([, { access }]) => access === 'change')
  expect([...CHANGES].toSorted()).toEqual(changes.map(([name]) => name).toSorted())
})
