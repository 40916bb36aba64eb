import type uPlot from 'uplot'
import { type Line, placeAt } from './lines.ts'

/** A point of a line. */
export interface ChosenPoint {
  readonly domain: string
  /** Seconds since 1970. */
  readonly at: number
}

/** The point in force at a place of the picture, of the line that is nearest there. */
export function pointAt(
  plot: uPlot,
  lines: readonly Line[],
  left: number,
  top: number,
): ChosenPoint | undefined {
  const time = plot.posToVal(left, 'x')
  const points = lines.flatMap((line) => {
    const place = placeAt(line, time)
    if (place < 0) return []
    const price = line.price[place]
    const away = price == null ? Number.MAX_VALUE : Math.abs(plot.valToPos(price, line.currency) - top)
    return [{ domain: line.domain, at: line.at[place] ?? 0, away }]
  })
  return points.toSorted((a, b) => a.away - b.away)[0]
}
