import { describe, expect, test } from '@jest/globals'
import { Pace } from '../../lambdas/notifier/pace.ts'
import { retryPauseMs } from '../../lambdas/notifier/retry-pause.ts'

describe('the pause before the next attempt', () => {
  test('lies anywhere below a bound that doubles from half a minute to an hour', () => {
    const bounds = [1, 2, 3, 7, 8, 1_000].map((attempt) => retryPauseMs(attempt, 0, () => 1) / 1_000)
    expect(bounds).toEqual([30, 60, 120, 1_920, 3_600, 3_600])
    expect(retryPauseMs(5, 0, () => 0)).toBe(0)
  })

  test('is never shorter than the service asks for', () => {
    expect(retryPauseMs(1, 90_000, () => 0)).toBe(90_000)
  })
})

describe('a pace', () => {
  test('gives turns at its rate, and none after the time that one may wait for', async () => {
    const pace = new Pace(20)
    const untilMs = Date.now() + 220
    const turns = await Promise.all(Array.from({ length: 20 }, () => pace.turn(untilMs)))
    expect(turns.filter(Boolean).length).toBeGreaterThanOrEqual(4)
    expect(turns.filter(Boolean).length).toBeLessThanOrEqual(5)
    expect(Date.now()).toBeLessThan(untilMs + 200)
  })
})
