/** A price from its time on, seconds since 1970; null from when nothing was offered. */
export type TimedPrice = readonly [at: number, price: number | null]

/** What of each stretch of time is kept: where it begins and ends, its lowest, its highest, and one time without an offer. */
const KEPT = 5

/**
 * At most `most` points that draw the same picture: of each stretch of time the first, the last, the lowest, the highest
 * and a gap are kept, so no extreme is lost.
 * @param points in the order of their times
 */
export function thinned(points: readonly TimedPrice[], most: number): readonly TimedPrice[] {
  const [first, last] = [points[0], points.at(-1)]
  if (points.length <= most || !first || !last) return points
  const stretches = Math.max(1, Math.floor(most / KEPT))
  const width = (last[0] - first[0]) / stretches
  const stretchOf = ([at]: TimedPrice) => Math.min(stretches - 1, Math.floor((at - first[0]) / width))
  const kept: TimedPrice[] = []
  for (let start = 0; start < points.length; ) {
    const stretch = stretchOf(points[start] ?? last)
    let end = start + 1
    while (end < points.length && stretchOf(points[end] ?? last) === stretch) end += 1
    kept.push(...telling(points, start, end))
    start = end
  }
  return kept
}

function telling(points: readonly TimedPrice[], start: number, end: number): readonly TimedPrice[] {
  let [lowest, highest, gap] = [-1, -1, -1]
  const priceAt = (index: number) => points[index]?.[1] ?? null
  for (let index = start; index < end; index += 1) {
    const price = priceAt(index)
    if (price === null) {
      gap = index
      continue
    }
    if (lowest < 0 || price < (priceAt(lowest) ?? 0)) lowest = index
    if (highest < 0 || price > (priceAt(highest) ?? 0)) highest = index
  }
  const chosen = new Set([start, lowest, highest, gap, end - 1])
  return [...chosen]
    .filter((index) => index >= 0)
    .sort((a, b) => a - b)
    .map((index) => points[index] as TimedPrice)
}
