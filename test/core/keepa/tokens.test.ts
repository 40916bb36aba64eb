import { expect, test } from '@jest/globals'
import { createTokenMemory, refusalWaitMs } from '../../../lambdas/core/keepa/tokens.ts'

test('waits for nothing before the first answer', () => {
  const memory = createTokenMemory()
  expect(memory.waitMs(0)).toBe(0)
  expect(memory.left(0)).toBeUndefined()
})

test.each([
  [1, 0],
  [0, 41_100],
  [-4, 41_100],
  [-5, 101_100],
  [-23, 281_100],
])('with %i tokens and 5 a minute, the next in 41 s, waits %i ms', (tokensLeft, waitMs) => {
  const memory = createTokenMemory()
  memory.note({ tokensLeft, refillIn: 41_000, refillRate: 5 }, 1_000)
  expect(memory.waitMs(1_000)).toBe(waitMs)
})

test('waits until there is a token beyond the reserved share of an hour', () => {
  const memory = createTokenMemory(0.1)
  memory.note({ tokensLeft: 24, refillIn: 41_000, refillRate: 5 }, 0)
  expect(memory.capacity()).toBe(300)
  expect(memory.waitMs(0)).toBe(101_100)
  expect(memory.waitMs(101_000)).toBe(0)
})

test('counts the refills since the last answer', () => {
  const memory = createTokenMemory()
  memory.note({ tokensLeft: -7, refillIn: 41_000, refillRate: 5 }, 0)
  expect([40_999, 41_000, 100_999, 101_000].map((now) => memory.left(now))).toEqual([-7, -2, -2, 3])
  expect(memory.waitMs(50_000)).toBe(51_100)
  expect(memory.waitMs(101_000)).toBe(0)
})

test('keeps what it knows where an error body has all token fields at zero', () => {
  const memory = createTokenMemory()
  memory.note({ tokensLeft: 299, refillIn: 41_000, refillRate: 5 }, 0)
  memory.note({ tokensLeft: 0, refillIn: 0, refillRate: 0 }, 0)
  memory.note({ error: null }, 0)
  expect(memory.left(0)).toBe(299)
})

test('a refusal is waited out a little longer than it says, and a minute where it does not say', () => {
  expect(refusalWaitMs({ refillIn: 2_000 })).toBe(2_100)
  expect(refusalWaitMs({})).toBe(60_100)
  expect(refusalWaitMs({ refillIn: -5 })).toBe(100)
})
