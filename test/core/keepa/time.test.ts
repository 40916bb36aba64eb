import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  isoOfKeepaMinutes,
  keepaMinutesOfUnixMs,
  unixMsOfKeepaMinutes,
} from '../../../lambdas/core/keepa/time.ts'

test('reads Keepa minutes as an instant in UTC', () => {
  expect(isoOfKeepaMinutes(7962510)).toBe('2026-02-20T12:30:00Z')
  expect(unixMsOfKeepaMinutes(0)).toBe(Date.parse('2011-01-01T00:00:00Z'))
})

test('comes back to the same minute from Unix time, rounding down', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50_000_000 }), fc.nat(59_999), (minutes, rest) => {
      expect(keepaMinutesOfUnixMs(unixMsOfKeepaMinutes(minutes) + rest)).toBe(minutes)
    }),
  )
})

test.each([0, -1, -2, 1.5, Number.NaN, 1e300, '7962510', null, undefined])(
  'takes %p for no time',
  (value) => {
    expect(isoOfKeepaMinutes(value)).toBeUndefined()
  },
)
