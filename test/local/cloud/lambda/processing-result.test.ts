import { beforeEach, expect, test } from '@jest/globals'
import { ProcessingResult } from '../../../../local/cloud/lambda/processing-result.ts'
import type { MappingEvents } from '../../../../local/cloud/mapping/event-source-mapping.ts'
import type { MappingResource } from '../../../../local/cloud/mapping/mapping-resource.ts'

const MAPPING = 'price-updates -> price-consumer'
const RESOURCE = {} as MappingResource

let result: ProcessingResult
let told: string[]
let events: MappingEvents

beforeEach(() => {
  result = new ProcessingResult()
  told = []
  events = result.listening({
    retrying: (_, reason) => told.push(reason),
    waiting: (_, reason) => told.push(reason),
    unreadable: (_, reason) => told.push(reason),
    unassigned: (_, reason) => told.push(reason),
    reading: () => told.push('reading'),
  })
})

test('begins with nothing, and is OK once a batch is committed', () => {
  expect(result.text).toBe('No records processed')
  events.measured?.(RESOURCE, 'CommittedEventCount', 1)
  expect(result.text).toBe('OK')
})

test.each([
  ['waiting', 'Connection error: refused'],
  ['unreadable', 'refused'],
  ['unassigned', 'refused'],
] as const)('what is %s is said until Kafka is read again, though nothing comes', (event, said) => {
  events[event]?.(MAPPING, 'refused')
  expect(result.text).toBe(`PROBLEM: ${said}`)
  events.reading(MAPPING)
  expect(result.text).toBe('No records processed')
  expect(told).toEqual(['refused', 'reading'])
})

test('a call that failed is said until a batch is committed, whether Kafka is read or not', () => {
  events.retrying(MAPPING, 'no database', 100)
  expect(result.text).toBe('PROBLEM: Function call failed: no database')
  events.waiting(MAPPING, 'refused')
  events.reading(MAPPING)
  expect(result.text).toBe('PROBLEM: Function call failed: no database')
  events.measured?.(RESOURCE, 'CommittedEventCount', 1)
  expect(result.text).toBe('OK')
})

test('a mapping that is enabled again says nothing of before', () => {
  events.waiting(MAPPING, 'refused')
  result.begin()
  expect(result.text).toBe('No records processed')
})
