/** A metric as CloudWatch tells metrics apart. */
export interface MetricId {
  readonly namespace: string
  readonly name: string
  readonly dimensions: Readonly<Record<string, string>>
}

/** One value of a metric, or several of the same moment. */
export interface Measurement extends MetricId {
  readonly unit?: string
  readonly atMs: number
  readonly values: readonly number[]
}

/** A statistic of a period that begins at `atMs`. */
export interface Point {
  readonly atMs: number
  readonly value: number
}

const MINUTE_MS = 60_000

/** CloudWatch evaluates no alarm over more than a week. */
const RETENTION_MS = 8 * 24 * 60 * MINUTE_MS

/** Above it, a minute's values are kept to two digits: percentiles are estimates then, as CloudWatch's are. */
const MAX_DISTINCT_VALUES = 200

/** A minute's values: how often each came. */
interface Minute {
  sum: number
  count: number
  minimum: number
  maximum: number
  readonly values: Map<number, number>
}

/** By the minute's beginning, in the order of arrival. */
type Minutes = Map<number, Minute>

/**
 * Metrics of this run, by the minute, for eight days.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html
 */
export class MetricStore {
  readonly #series = new Map<string, Minutes>()
  #newestMs = 0

  put({ atMs, values, ...id }: Measurement): void {
    const key = keyOf(id)
    const minutes = this.#series.get(key) ?? new Map<number, Minute>()
    this.#series.set(key, minutes)
    const minuteMs = Math.floor(atMs / MINUTE_MS) * MINUTE_MS
    for (const value of values) {
      if (!Number.isFinite(value)) continue
      const minute = minutes.get(minuteMs) ?? emptyMinute()
      minutes.set(minuteMs, minute)
      add(minute, value)
    }
    if (minuteMs > this.#newestMs) this.#forget(minuteMs)
  }

  /** The periods of `periodMs` from `fromMs` to before `toMs` that have data, each with its statistic. */
  read(id: MetricId, statistic: string, periodMs: number, fromMs: number, toMs: number): readonly Point[] {
    const periods = new Map<number, Minute>()
    for (const [minuteMs, minute] of this.#series.get(keyOf(id)) ?? []) {
      if (minuteMs < fromMs || minuteMs >= toMs) continue
      const atMs = fromMs + Math.floor((minuteMs - fromMs) / periodMs) * periodMs
      const period = periods.get(atMs) ?? emptyMinute()
      periods.set(atMs, period)
      merge(period, minute)
    }
    return [...periods]
      .sort(([a], [b]) => a - b)
      .flatMap(([atMs, period]) => {
        const value = statisticOf(period, statistic)
        return value === undefined ? [] : [{ atMs, value }]
      })
  }

  /** The metrics that have values since `sinceMs`, in the order of their first ones. */
  list(sinceMs = 0): readonly MetricId[] {
    return [...this.#series].flatMap(([key, minutes]) =>
      [...minutes.keys()].some((minuteMs) => minuteMs >= sinceMs) ? [idOf(key)] : [],
    )
  }

  #forget(newestMs: number): void {
    this.#newestMs = newestMs
    for (const [key, minutes] of this.#series) {
      for (const minuteMs of minutes.keys()) {
        if (minuteMs < newestMs - RETENTION_MS) minutes.delete(minuteMs)
      }
      if (minutes.size === 0) this.#series.delete(key)
    }
  }
}

/** Tells metrics apart, whatever the order of their dimensions. There is one cluster here, whatever its name is. */
function keyOf({ namespace, name, dimensions }: MetricId): string {
  const pairs = Object.entries(dimensions).filter(([pair]) => pair !== 'Cluster Name')
  return JSON.stringify([namespace, name, pairs.sort(([a], [b]) => (a < b ? -1 : 1))])
}

function idOf(key: string): MetricId {
  const [namespace, name, pairs] = JSON.parse(key) as [string, string, [string, string][]]
  return { namespace, name, dimensions: Object.fromEntries(pairs) }
}

/**
 * A statistic is one of five, or a percentile such as p99 or p99.9.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
 */
export const isStatistic = (statistic: string): boolean =>
  ['Sum', 'Average', 'Minimum', 'Maximum', 'SampleCount'].includes(statistic) || PERCENTILE.test(statistic)

const PERCENTILE = /^p(\d{1,3}(?:\.\d+)?)$/

function statisticOf(minute: Minute, statistic: string): number | undefined {
  if (minute.count === 0) return undefined
  if (statistic === 'Sum') return minute.sum
  if (statistic === 'Average') return minute.sum / minute.count
  if (statistic === 'Minimum') return minute.minimum
  if (statistic === 'Maximum') return minute.maximum
  if (statistic === 'SampleCount') return minute.count
  const percent = PERCENTILE.exec(statistic)?.[1]
  return percent === undefined ? undefined : percentile(minute, Number(percent))
}

/** The least value that this part of all values does not exceed. */
function percentile({ values, count }: Minute, percent: number): number | undefined {
  let left = Math.max(1, Math.ceil((count * percent) / 100))
  const sorted = [...values].sort(([a], [b]) => a - b)
  for (const [value, times] of sorted) {
    left -= times
    if (left <= 0) return value
  }
  return sorted.at(-1)?.[0]
}

const emptyMinute = (): Minute => ({
  sum: 0,
  count: 0,
  minimum: Number.POSITIVE_INFINITY,
  maximum: Number.NEGATIVE_INFINITY,
  values: new Map(),
})

function add(minute: Minute, value: number): void {
  minute.sum += value
  minute.count += 1
  minute.minimum = Math.min(minute.minimum, value)
  minute.maximum = Math.max(minute.maximum, value)
  const kept =
    minute.values.size < MAX_DISTINCT_VALUES || minute.values.has(value)
      ? value
      : Number(value.toPrecision(2))
  minute.values.set(kept, (minute.values.get(kept) ?? 0) + 1)
}

function merge(into: Minute, minute: Minute): void {
  into.sum += minute.sum
  into.count += minute.count
  into.minimum = Math.min(into.minimum, minute.minimum)
  into.maximum = Math.max(into.maximum, minute.maximum)
  for (const [value, times] of minute.values) into.values.set(value, (into.values.get(value) ?? 0) + times)
}
