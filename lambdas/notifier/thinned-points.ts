import type { HistoryFacts } from '../core/mail/message.ts'
import { hundredthsOf } from '../core/money.ts'

type Point = HistoryFacts['points'][number]

/**
 * At most `most` points that look the same when drawn: of each stretch of time the first, the lowest, the highest and one
 * without an offer, and in the end the last.
 * @param most at least 5
 */
export function thinned(points: readonly Point[], most: number): readonly Point[] {
  const [first, last] = [points[0], points.at(-1)]
  if (points.length <= most || !first || !last) return points
  const stretches = Math.floor((most - 1) / 4)
  const fromMs = Date.parse(first.at)
  const stretchMs = (Date.parse(last.at) - fromMs) / stretches
  const kept = Map.groupBy(points, ({ at }) =>
    Math.min(stretches - 1, Math.floor((Date.parse(at) - fromMs) / stretchMs)),
  )
  return [...[...kept.values()].flatMap(outlineOf).filter((point) => point !== last), last]
}

function outlineOf(stretch: readonly Point[]): readonly Point[] {
  const priced = stretch.filter(({ price }) => price !== null)
  const byPrice = priced.toSorted((a, b) => hundredthsOf(a.price ?? '0') - hundredthsOf(b.price ?? '0'))
  const outline = new Set([
    stretch[0],
    byPrice[0],
    byPrice.at(-1),
    stretch.find(({ price }) => price === null),
  ])
  return stretch.filter((point) => outline.has(point))
}
