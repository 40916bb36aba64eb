import { type Amount, hundredthsOf } from '../money.ts'

/** A price from its time on, until the next one. */
export interface PricePoint {
  /** ISO 8601, UTC. */
  readonly at: string
  readonly price: Amount
}

/** A time from which on nothing was offered, until the next price. */
export interface PriceGap {
  readonly at: string
  readonly price: null
}

export interface PriceStatistics {
  readonly now: PricePoint
  readonly lowest: PricePoint
  readonly highest: PricePoint
  /** The price that was undercut half of the time. */
  readonly median: Amount
}

/**
 * What prices say that were in force between `fromMs` and `untilMs`.
 * @param points in the order of their times, with the gaps between them; of several before `fromMs` the last is in force
 *   there. Times without an offer count for nothing, and `now` is the last price there was.
 * @returns null where no price was in force
 */
export function statisticsOf(
  points: readonly (PricePoint | PriceGap)[],
  fromMs: number,
  untilMs: number,
): PriceStatistics | null {
  const inForce = points
    .flatMap((point, index) => {
      if (point.price === null) return []
      const next = points[index + 1]
      const end = next ? Math.min(untilMs, Date.parse(next.at)) : untilMs
      const forMs = Math.max(0, end - Math.max(fromMs, Date.parse(point.at)))
      return [{ at: point.at, price: point.price, forMs, isOver: end <= fromMs }]
    })
    .filter(({ at, isOver }) => !isOver && Date.parse(at) <= untilMs)
  const now = inForce.at(-1)
  if (!now) return null
  // Of equal prices the first one counts.
  const byPrice = inForce.toSorted((a, b) => hundredthsOf(a.price) - hundredthsOf(b.price))
  const highest = byPrice.find(({ price }) => price === byPrice.at(-1)?.price) ?? now
  const lowest = byPrice[0] ?? now
  const half = byPrice.reduce((sum, { forMs }) => sum + forMs, 0) / 2
  let passed = 0
  const median = byPrice.find(({ forMs }) => {
    passed += forMs
    return passed >= half
  })
  const plain = ({ at, price }: PricePoint): PricePoint => ({ at, price })
  return { now: plain(now), lowest: plain(lowest), highest: plain(highest), median: (median ?? now).price }
}
