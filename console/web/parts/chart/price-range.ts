import type uPlot from 'uplot'
import { viewOf } from './pan-zoom.ts'

/** The share of time that is left out of sight at each end where extremes are cut. */
const CUT = 0.02
/** Times at which prices are looked at, to know which of them are extreme. */
const SAMPLES = 400

export interface RangeWish {
  readonly isCut: boolean
  /** Is to be seen as well, where it is near. */
  readonly target: number | null
}

/** What the axis of a scale shows: the prices that are in force in view, with a margin. */
export function rangeOf(plot: uPlot, scale: string, { isCut, target }: RangeWish): [number, number] {
  const times = plot.data[0] ?? []
  // The scale of time is not set yet when this is asked.
  const { from: start, until: end } = viewOf(plot) ?? { from: 0, until: Number.MAX_VALUE }
  const [first, last] = [Math.max(0, lastUntil(times, start)), lastUntil(times, end)]
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const [index, series] of plot.series.entries()) {
    if (index === 0 || series.scale !== scale) continue
    const prices = plot.data[index] ?? []
    const [lowest, highest] = isCut
      ? usual(times, prices, first, last, start, end)
      : extremes(prices, first, last)
    low = Math.min(low, lowest)
    high = Math.max(high, highest)
  }
  if (low > high) return [0, 1]
  const isNear = target !== null && target > low - (high - low) * 2 && target < high * 2
  const [bottom, top] = isNear ? [Math.min(low, target), Math.max(high, target)] : [low, high]
  const margin = Math.max((top - bottom) * 0.06, top * 0.005)
  return [bottom - margin, top + margin]
}

type Prices = ArrayLike<number | null | undefined>

/** The place of the last time that is not behind `until`. */
function lastUntil(times: ArrayLike<number>, until: number): number {
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((times[middle] ?? 0) <= until) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** The price in force at a place may be of a time before, where lines of other times are beside it. */
function begin(prices: Prices, place: number): number {
  let index = place
  while (index > 0 && prices[index] === undefined) index -= 1
  return Math.max(0, index)
}

function extremes(prices: Prices, first: number, last: number): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let index = begin(prices, first); index <= last; index += 1) {
    const price = prices[index]
    if (price === null || price === undefined) continue
    if (price < low) low = price
    if (price > high) high = price
  }
  return [low, high]
}

function usual(
  times: Prices,
  prices: Prices,
  first: number,
  last: number,
  from: number,
  to: number,
): [number, number] {
  const seen: number[] = []
  let price: number | null = null
  let index = begin(prices, first)
  for (let sample = 0; sample <= SAMPLES; sample += 1) {
    const at = from + ((to - from) * sample) / SAMPLES
    for (; index <= last && (times[index] ?? 0) <= at; index += 1) {
      const next = prices[index]
      if (next !== undefined) price = next
    }
    if (price !== null) seen.push(price)
  }
  if (seen.length === 0) return extremes(prices, first, last)
  seen.sort((a, b) => a - b)
  const at = (share: number) => seen[Math.round((seen.length - 1) * share)] ?? 0
  return [at(CUT), at(1 - CUT)]
}
