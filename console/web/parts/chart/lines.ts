import uPlot from 'uplot'

/** The prices of one marketplace. */
export interface Line {
  readonly domain: string
  /** Lines of one currency share an axis; amounts are never converted. */
  readonly currency: string
  /** Seconds since 1970, each once, oldest first. */
  readonly at: readonly number[]
  /** In force from its time on; null from when nothing was offered. */
  readonly price: readonly (number | null)[]
  /** Whether of each stretch of time only what a picture shows is there. */
  readonly isThinned?: boolean
}

/** Lines side by side over all their times, the last price of each until `until`. */
export function joined(lines: readonly Line[], until: number): uPlot.AlignedData {
  const tables = lines.map(({ at, price }): uPlot.AlignedData => {
    if (at.length === 0) return [[until], [null]]
    if ((at.at(-1) ?? 0) >= until) return [[...at], [...price]]
    return [
      [...at, until],
      [...price, price.at(-1) ?? null],
    ]
  })
  return uPlot.join(tables)
}

/** The place of the price in force at a time, -1 before the first. */
export function placeAt({ at }: Line, time: number): number {
  let [low, high] = [0, at.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((at[middle] ?? 0) <= time) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** What the prices of a stretch of time say. */
export interface SeenPrices {
  readonly lowest: number
  readonly lowestAt: number
  readonly highest: number
  readonly highestAt: number
  /** The price that was undercut half of the time. */
  readonly median: number
}

/** Of the prices in force between two times, seconds since 1970; null where there was none. */
export function seenPrices(line: Line, from: number, until: number): SeenPrices | null {
  const held: { readonly price: number; readonly at: number; readonly length: number }[] = []
  for (let index = Math.max(0, placeAt(line, from)); index < line.at.length; index += 1) {
    const at = line.at[index] ?? 0
    if (at > until) break
    const price = line.price[index] ?? null
    if (price === null) continue
    const end = Math.min(until, line.at[index + 1] ?? until)
    held.push({ price, at, length: Math.max(0, end - Math.max(from, at)) })
  }
  const byPrice = held.toSorted((a, b) => a.price - b.price)
  const [lowest, highest] = [byPrice[0], byPrice.find(({ price }) => price === byPrice.at(-1)?.price)]
  if (!lowest || !highest) return null
  const half = byPrice.reduce((sum, { length }) => sum + length, 0) / 2
  let passed = 0
  const median = byPrice.find(({ length }) => {
    passed += length
    return passed >= half
  })
  return {
    ...{ lowest: lowest.price, lowestAt: lowest.at, highest: highest.price, highestAt: highest.at },
    median: (median ?? lowest).price,
  }
}
