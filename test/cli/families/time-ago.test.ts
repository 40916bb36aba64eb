import { expect, test } from '@jest/globals'
import { timeAgo } from '../../../cli/families/time-ago.ts'

const NOW = new Date('2026-02-20T12:00:00Z')

test.each([
  ['90s', '2026-02-20T11:58:30.000Z'],
  ['10m', '2026-02-20T11:50:00.000Z'],
  ['1h', '2026-02-20T11:00:00.000Z'],
  ['2d', '2026-02-18T12:00:00.000Z'],
  ['2026-02-20T08:00:00+01:00', '2026-02-20T07:00:00.000Z'],
  ['2026-02-20T08:00:00', '2026-02-20T08:00:00.000Z'],
  ['2026-02-20 08:00', '2026-02-20T08:00:00.000Z'],
  ['2026-02-20', '2026-02-20T00:00:00.000Z'],
])('%s is a time', (text, expected) => {
  expect(timeAgo(text, NOW).toISOString()).toBe(expected)
})

test.each(['', '1', '1w', '-1h', 'yesterday', '2026-99-99', '2026-02-31'])('%j is refused', (text) => {
  expect(() => timeAgo(text, NOW)).toThrow('It is an age such as 90s')
})
