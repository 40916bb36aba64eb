import { expect, test } from '@jest/globals'
import { createTokenBucket } from '../../../local/market/token-bucket.ts'

const bucketAt = (start: number) => {
  const clock = { now: start }
  return { clock, bucket: createTokenBucket({ capacity: 100, refillPerMinute: 5 }, () => clock.now) }
}

test('starts full and says when the next tokens come', () => {
  const { clock, bucket } = bucketAt(1_000)
  clock.now += 15_000
  expect(bucket.state()).toEqual({ tokensLeft: 100, refillIn: 45_000, refillRate: 5 })
})

test('goes into debt for a request that costs more than there is, then gives nothing until refilled', () => {
  const { clock, bucket } = bucketAt(0)
  expect(bucket.take(103)).toBe(true)
  expect(bucket.take(1)).toBe(false)
  expect(bucket.state().tokensLeft).toBe(-3)
  clock.now = 60_000
  expect(bucket.take(1)).toBe(true)
})

test('is never more than full', () => {
  const { clock, bucket } = bucketAt(0)
  bucket.take(7)
  clock.now = 3_600_000
  expect(bucket.state().tokensLeft).toBe(100)
})
