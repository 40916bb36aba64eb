import { type CsvType, TRIPLETS } from './csv-types.ts'
import { asObject, type JsonObject } from './json.ts'

/**
 * What a series says at one time: a value (an integer above 0), or
 * - `none`: nothing is offered (-1, or 0);
 * - `unknown`: not retrieved (-2), or the series is not in the answer;
 * - `unreadable`: malformed.
 */
export type Reading = number | 'none' | 'unknown' | 'unreadable'

/** A reading from its time on, in Keepa minutes, until the next one. */
export interface SeriesStep {
  readonly minutes: number
  readonly reading: Reading
}

/**
 * A series' history; undefined if there is none. In a series with shipping, a reading is price plus shipping.
 * One malformed entry makes the whole series unreadable, because the entries behind it may be shifted.
 */
export function stepsOf(
  product: JsonObject,
  type: CsvType,
): readonly SeriesStep[] | 'unreadable' | undefined {
  const { csv } = product
  if (csv === null || csv === undefined) return undefined
  const series: unknown = Array.isArray(csv) ? (csv[type] ?? undefined) : 'unreadable'
  if (series === undefined) return undefined
  const width = TRIPLETS.has(type) ? 3 : 2
  if (!Array.isArray(series) || series.length % width !== 0) return 'unreadable'
  const steps: SeriesStep[] = []
  for (let at = 0; at < series.length; at += width) {
    const [minutes, value, shipping = 0] = series.slice(at, at + width) as unknown[]
    const reading = withShipping(readingOf(value), shipping)
    if (!isWhole(minutes) || minutes < (steps.at(-1)?.minutes ?? 1) || reading === 'unreadable')
      return 'unreadable'
    steps.push({ minutes, reading })
  }
  return steps
}

/**
 * What a series says now: the end of its history, else `stats.current`. A history that ends in -1 means that nothing is
 * offered now, so older values do not count.
 */
export function currentReading(product: JsonObject, type: CsvType): Reading {
  const steps = stepsOf(product, type)
  if (steps === 'unreadable') return steps
  const last = steps?.at(-1)
  if (last) return last.reading
  const current = asObject(product.stats)?.current ?? undefined
  if (current === undefined) return 'unknown'
  return Array.isArray(current) ? readingOf(current[type] ?? -2) : 'unreadable'
}

const isWhole = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value)

function readingOf(value: unknown): Reading {
  if (!isWhole(value) || value < -2) return 'unreadable'
  if (value === -2) return 'unknown'
  return value > 0 ? value : 'none'
}

/** A price whose shipping is unknown cannot be read. */
function withShipping(reading: Reading, shipping: unknown): Reading {
  if (typeof reading !== 'number') return reading
  return isWhole(shipping) && shipping >= 0 ? reading + shipping : 'unreadable'
}
