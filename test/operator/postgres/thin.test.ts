import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type TimedPrice, thinned } from '../../../lambdas/operator/postgres/thin.ts'

const histories = fc
  .array(
    fc.tuple(fc.integer({ min: 1, max: 500 }), fc.option(fc.integer({ min: 1, max: 90_000 }), { freq: 9 })),
    {
      minLength: 1,
      maxLength: 400,
    },
  )
  .map((steps) => {
    let at = 0
    return steps.map(([step, price]): TimedPrice => {
      at += step
      return [at, price]
    })
  })

test('a thinned history has no more points than asked for, all of them real, and keeps its ends and extremes', () => {
  fc.assert(
    fc.property(histories, fc.integer({ min: 5, max: 60 }), (points, most) => {
      const kept = thinned(points, most)
      expect(kept.length).toBeLessThanOrEqual(most)
      expect(points.filter((point) => kept.includes(point))).toEqual(kept)
      expect([kept[0], kept.at(-1)]).toEqual([points[0], points.at(-1)])
      const prices = (of: readonly TimedPrice[]) => of.flatMap(([, price]) => price ?? [])
      expect(Math.min(...prices(kept))).toBe(Math.min(...prices(points)))
      expect(Math.max(...prices(kept))).toBe(Math.max(...prices(points)))
    }),
  )
})
