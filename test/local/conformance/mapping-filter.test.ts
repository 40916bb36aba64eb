import { describe, expect, test } from '@jest/globals'
import type { KafkaRecord } from '../../../local/cloud/kafka/record-batches.ts'
import { compileFilter } from '../../../local/cloud/mapping/filter.ts'
import { numbers, until } from '../until.ts'
import { mappingSetup, PROVISIONED, templateOf } from './mapping-setup.ts'

const { kafka, start, tell, isCommitted, offsets } = mappingSetup()

const criteria = (...patterns: unknown[]) => ({
  FilterCriteria: { Filters: patterns.map((pattern) => ({ Pattern: JSON.stringify(pattern) })) },
})

/** What FilterCriteria with these patterns keep of values, and of what else a record has. */
function keepsAll(patterns: readonly unknown[], topic = 'orders') {
  const keeps = compileFilter(patterns.map((pattern) => JSON.stringify(pattern)))
  return (value: string | null, key: string | null = null): boolean => {
    const record: KafkaRecord = {
      ...{ offset: 40, timestampMs: 1_700_000_000_000, timestampType: 'CREATE_TIME' },
      key: key === null ? null : Buffer.from(key),
      value: value === null ? null : Buffer.from(value),
      headers: [['kind', Buffer.from('new')]],
    }
    return keeps?.({ topic, partition: 2, record }) ?? true
  }
}

describe('FilterCriteria', () => {
  test('drops and commits what does not match, on value only', async () => {
    const topic = await kafka().freshTopic('filter', { partitions: 2 })
    const prices = [5, 50, 7, 500]
    await kafka().produce(topic, [
      ...prices.map((price) => ({ partition: 0, value: JSON.stringify({ price }) })),
      { partition: 0, value: 'no JSON' },
      ...numbers(3).map(() => ({ partition: 1, value: '{"price":1}' })),
    ])
    const { told } = start(topic, {
      ...PROVISIONED,
      ...criteria({ value: { price: [{ numeric: ['>=', 7, '<', 100] }] } }),
    })
    await isCommitted(topic, [5, 3])
    expect(await offsets()).toEqual([[1, 2]])
    const sum = (values: readonly number[] = []) => values.reduce((total, value) => total + value, 0)
    await until(() => sum(told.measured.CommittedEventCount) === 8)
    expect(sum(told.measured.PolledEventCount)).toBe(8)
    expect(sum(told.measured.FilteredOutEventCount)).toBe(6)
  })
})

describe('metrics', () => {
  test('count what is polled, invoked, failed, dropped, delivered to the destination and committed, and the lag', async () => {
    const topic = await kafka().freshTopic('metrics', { partitions: 1 })
    await kafka().produce(
      topic,
      numbers(4).map((price) => ({ value: JSON.stringify({ price }) })),
    )
    await tell({ failOffsets: [2] })
    const { told } = start(topic, {
      ...PROVISIONED,
      MaximumRetryAttempts: 0,
      BatchSize: 2,
      DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['queue', 'Arn'] } } },
    })
    await isCommitted(topic, [4])
    const sum = (values: readonly number[] = []) => values.reduce((total, value) => total + value, 0)
    await until(() => sum(told.measured.CommittedEventCount) === 4)
    const { OffsetLag, MaxOffsetLag, ...counts } = told.measured
    expect(Object.fromEntries(Object.entries(counts).map(([name, values]) => [name, sum(values)]))).toEqual({
      PolledEventCount: 4,
      InvokedEventCount: 4,
      FailedInvokeEventCount: 2,
      DroppedEventCount: 2,
      OnFailureDestinationDeliveredEventCount: 2,
      CommittedEventCount: 4,
    })
    expect(OffsetLag).toEqual([4, 2, 0])
    expect(MaxOffsetLag).toEqual([4, 2, 0])
  })
})

describe('a filter', () => {
  const keeps = (pattern: unknown, value: string | null): boolean => keepsAll([pattern])(value)
  const matches = (rules: unknown, field: unknown): boolean =>
    keeps({ value: { field: rules } }, JSON.stringify({ field, other: 1 }))

  test.each(['constructor', 'toString', '__proto__'])('takes a field called %s for data', (name) => {
    const pattern = { value: Object.fromEntries([[name, [{ exists: true }]]]) }
    expect(keeps(pattern, JSON.stringify({ other: 1 }))).toBe(false)
    expect(keeps(pattern, JSON.stringify(Object.fromEntries([[name, 1]])))).toBe(true)
    expect(() => compileFilter([JSON.stringify({ value: { field: [{ [name]: 1 }] } })])).toThrow('is no rule')
  })

  test.each([
    ['Equals', ['Alice'], 'Alice', 'alice'],
    ['Equals of a number', [3], 3, '3'],
    ['Null', [null], null, ''],
    ['Empty', [''], '', null],
    ['Or', ['a', 'b'], 'b', 'c'],
    ['Begins with', [{ prefix: 'us-' }], 'us-east-1', 'eu-us-'],
    ['Ends with', [{ suffix: '.png' }], 'a.png', 'a.png.txt'],
    ['Not', [{ 'anything-but': ['Rainy', 1] }], 'Sunny', 'Rainy'],
    ['Not with a prefix', [{ 'anything-but': { prefix: 'init' } }], 'x-init', 'initial'],
    ['Numeric (equals)', [{ numeric: ['=', 100] }], 100, 101],
    ['Numeric (range)', [{ numeric: ['>', 10, '<=', 20] }], 20, 10],
    ['Exists', [{ exists: true }], 0, undefined],
    ['Does not exist', [{ exists: false }], undefined, 0],
    ['Equals (ignore case)', [{ 'equals-ignore-case': 'alice' }], 'ALICE', 'alic'],
  ])('%s', (_, rules, kept, dropped) => {
    expect(matches(rules, kept)).toBe(true)
    expect(matches(rules, dropped)).toBe(false)
  })

  test('And takes all fields, $or one of several patterns, nested fields and arrays as they are', () => {
    const pattern = { value: { a: ['x'], $or: [{ b: [1] }, { c: { d: [{ exists: true }] } }] } }
    expect(keeps(pattern, '{"a":"x","b":1}')).toBe(true)
    expect(keeps(pattern, '{"a":["y","x"],"c":{"d":0}}')).toBe(true)
    expect(keeps(pattern, '{"a":"x","b":2}')).toBe(false)
    expect(keeps(pattern, '{"b":1}')).toBe(false)
  })

  test('a value whose format is not that of the pattern is dropped', () => {
    const forText = { value: [{ 'anything-but': ['error'] }] }
    expect([keeps(forText, 'fine'), keeps(forText, 'error')]).toEqual([true, false])
    expect(keeps(forText, '{"a":1}')).toBe(false)
    expect(keeps({ value: { a: [{ exists: false }] } }, 'plain')).toBe(false)
    expect(keeps({ value: { a: [{ exists: false }] } }, null)).toBe(false)
  })

  test('without a pattern for the value keeps everything, and one of several is enough', () => {
    expect(keeps({}, 'anything')).toBe(true)
    const two = keepsAll([{ value: { a: [1] } }, { value: { a: [2] } }])
    expect(['{"a":1}', '{"a":2}', '{"a":3}'].map((value) => two(value))).toEqual([true, true, false])
  })
})

describe('a filter by more than the value', () => {
  test.each([
    ['topic', [{ prefix: 'ord' }], ['orders']],
    ['partition', [{ numeric: ['>', 1] }], [0]],
    ['offset', [40], ['40']],
    ['timestamp', [{ numeric: ['>=', 1_700_000_000_000] }], [{ numeric: ['<', 1_700_000_000_000] }]],
    ['key', ['k'], ['l']],
    ['headers', { kind: ['new'] }, { kind: ['old'] }],
  ])('by %s is evaluated, alone and together with the value', (name, kept, dropped) => {
    const keeps = (pattern: object) => keepsAll([pattern])('{"a":1}', 'k')
    expect(keeps({ [name]: kept })).toBe(true)
    expect(keeps({ [name]: kept, value: { a: [1] } })).toBe(true)
    expect(keeps({ [name]: kept, value: { a: [2] } })).toBe(false)
    if (name !== 'topic') expect(keeps({ [name]: dropped })).toBe(false)
  })

  test('starts, and the start says that the sources contradict each other', () => {
    const { mappings, undocumented } = templateOf(criteria({ topic: ['prices'], value: { a: [1] } }))
    expect(mappings).toHaveLength(1)
    expect(undocumented).toEqual([
      "app/mapping/Resource filters by topic: AWS's pages exclude it, AWS's sample shows it; it is evaluated",
    ])
    expect(templateOf(criteria({ value: { a: [1] } })).undocumented).toEqual([])
  })
})

/**
 * What nine functions got of five messages on AWS: the results that the sample lambda-esm-msk-filters-sam of
 * https://github.com/aws-samples/serverless-patterns publishes.
 */
describe("the results of AWS's sample", () => {
  const audit = (more: object) => JSON.stringify({ kind: 'Event', RBAC: false, ...more })
  const MESSAGES = {
    'base-json': audit({ responseStatus: { metadata: {}, code: 200 } }),
    'code-is-300': audit({ responseStatus: { metadata: {}, code: 300 } }),
    'custom-with-region': audit({
      ...{ kind: 'Custom', region: 'us-east-1' },
      responseStatus: { metadata: {}, code: 200 },
    }),
    'rbac-is-set': audit({ RBAC: true, responseStatus: { metadata: {}, code: 200 } }),
    'plain-string': 'OrderNumber:12345',
  }
  const code = (...numeric: unknown[]) => ({ responseStatus: { code: [{ numeric }] } })

  test.each([
    ['no filter', [], 'YYYYY'],
    ['equals', [{ value: { kind: ['Event'] } }], 'YYNYN'],
    ['equals and numeric', [{ value: { kind: ['Event'], ...code('=', 300) } }], 'NYNNN'],
    ['one of two patterns', [{ value: code('>=', 300) }, { value: { RBAC: [true] } }], 'NYNYN'],
    ['not', [{ value: { kind: [{ 'anything-but': ['Event'] }] } }], 'NNYNN'],
    ['begins with', [{ value: { region: [{ prefix: 'us-' }] } }], 'NNYNN'],
    ['numeric range', [{ value: code('>=', 300, '<=', 350) }], 'NYNNN'],
    ['begins with, of plain text', [{ value: [{ prefix: 'OrderNumber' }] }], 'NNNNY'],
    [
      'begins with, of the topic and of plain text',
      [{ topic: [{ prefix: 'ESMFiltersDemoTopic' }], value: [{ prefix: 'Order' }] }],
      'NNNNY',
    ],
  ])('are those of a filter here: %s', (_, patterns, cells) => {
    const keeps = keepsAll(patterns, 'ESMFiltersDemoTopic')
    const results = Object.values(MESSAGES).map((message) => (keeps(message) ? 'Y' : 'N'))
    expect(results.join('')).toBe(cells)
  })
})
