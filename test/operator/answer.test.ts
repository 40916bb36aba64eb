import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { CHANGES } from '../../client/keeper.ts'
import { operations } from '../../lambdas/operator/operations.ts'
import { freePort } from '../../local/engines/ports.ts'
import { type TestOperator, testOperator } from './operating.ts'

/** What an operator answers before, or instead of, doing anything: nothing answers at its broker's address. */
let operator: TestOperator
beforeAll(async () => {
  operator = await testOperator(`127.0.0.1:${await freePort()}`)
})
afterAll(() => operator.close())

test('an operation that is not there is refused with those near it', async () => {
  expect(await operator.ask('topic.list')).toMatch(
    /^no_such_operation: .*"topic\.list"; did you mean topics\.list/,
  )
  expect(await operator.ask('__proto__')).toMatch(/^no_such_operation: /)
})

test('an input that does not fit is refused with what would', async () => {
  expect(await operator.ask('topics.create', { topic: 'a b', partitions: 0, replicationFactor: 1.5 })).toBe(
    'input_invalid: topics.create does not take this input. topic: a topic has at most 249 letters, digits, ".", "_" and "-". partitions: partitions is at least 1. replicationFactor: replicationFactor is a whole number.',
  )
  expect(await operator.ask('topics.describe', 7)).toMatch(/^input_invalid: /)
})

test('the reader refuses to change anything, before it looks at the input', async () => {
  expect(await operator.ask('topics.create', {}, 'read')).toMatch(/^read_only: .*invoke operator instead/)
})

test('a broker that cannot be reached is said so', async () => {
  expect(await operator.ask('topics.list')).toMatch(
    /^kafka_unreachable: Kafka cannot be reached at 127\.0\.0\.1:/,
  )
})

test('clients send to the operator that changes what only it may do, and nothing else', () => {
  const changing = Object.entries(operations).filter(([, { access }]) => access === 'change')
  expect([...CHANGES].toSorted()).toEqual(changing.map(([name]) => name).toSorted())
})
