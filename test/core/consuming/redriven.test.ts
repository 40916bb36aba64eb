import { expect, test } from '@jest/globals'
import { firstRecordMs } from '../../../lambdas/core/consuming/redriven.ts'

const record = (...headers: readonly Record<string, readonly number[] | null>[]) => ({
  ...{ topic: 'price-updates', partition: 0, offset: 1, timestamp: 5, headers },
})
const bytes = (text: string) => [...Buffer.from(text)]

test("finds the first record's time among headers of any kind", () => {
  const time = { 'keeper-record-timestamp': bytes('1767225600000') }
  expect(firstRecordMs(record({ trace: null }, time))).toBe(1_767_225_600_000)
})

test.each(['', '-1', '1e3', '2026-01-01', '12345678901234567', ' 1'])('takes no time from %p', (text) => {
  expect(firstRecordMs(record({ 'keeper-record-timestamp': bytes(text) }))).toBeUndefined()
})

test('finds none where there is none', () => {
  expect([firstRecordMs(record()), firstRecordMs(record({ 'keeper-record-timestamp': null }))]).toEqual([
    undefined,
    undefined,
  ])
})
