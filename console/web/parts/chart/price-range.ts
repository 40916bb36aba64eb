import type uPlot from 'uplot'

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
  // The scale of time is not set yet when this is asked; which points are in view is.
  const [first, last] = plot.series[0]?.idxs ?? [0, (plot.data[0]?.length ?? 1) - 1]
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const [index, series] of plot.series.entries()) {
    if (index === 0 || series.scale !== scale) continue
    const prices = plot.data[index] ?? []
    const [lowest, highest] = isCut
      ? usual(plot.data[0] ?? [], prices, first, last)
      : extremes(prices, first, last)
    low = Math.min(low, lowest)
    high = Math.max(high, highest)
  }
  if (low > high) return [0, 1]
  const isNear = target !== null && target > low - (high - low) * 2 && target < high * 2
  const [from, to] = isNear ? [Math.min(low, target), Math.max(high, target)] : [low, high]
  const margin = Math.max((to - from) * 0.06, to * 0.005)
  return [from - margin, to + margin]
}

type Prices = ArrayLike<number | null | undefined>

/** The price before the first point in view is in force until that. */
function begin(prices: Prices, first: number): number {
  let index = first - 1
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

function usual(times: Prices, prices: Prices, first: number, last: number): [number, number] {
  const [from, to] = [times[first] ?? 0, times[last] ?? 0]
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
