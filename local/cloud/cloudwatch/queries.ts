import { CloudError } from '../cloud-error.ts'
import { metricMath, type Values } from './metric-math.ts'
import type { MetricId, MetricStore } from './metric-store.ts'

/** A metric with its statistic. */
export interface MetricStat {
  readonly metric: MetricId
  readonly statistic: string
}

/** What an alarm or a graph asks for: metrics, and expressions of them, each by its id. */
export interface Queries {
  readonly metrics: Readonly<Record<string, MetricStat>>
  readonly expressions: Readonly<Record<string, string>>
}

/** Periods of one length. */
export interface Periods {
  /** Beginnings, oldest first. */
  readonly periods: readonly number[]
  readonly periodSeconds: number
}

/**
 * The values of one of the queries, which may be several series where it is an expression.
 * @throws CloudError `metric_math` naming what is not known here
 */
export function valuesOf(
  store: Pick<MetricStore, 'read'>,
  queries: Queries,
  id: string,
  range: Periods,
): readonly Values[] {
  return resolve(store, queries, id, range, [])
}

function resolve(
  store: Pick<MetricStore, 'read'>,
  queries: Queries,
  id: string,
  range: Periods,
  asking: readonly string[],
): readonly Values[] {
  const { metrics, expressions } = queries
  const { periods, periodSeconds } = range
  const metric = metrics[id]
  if (metric) return [readValues(store, metric, range)]
  const expression = expressions[id]
  if (expression === undefined) return []
  if (asking.includes(id)) throw new CloudError('metric_math', `${expression}: it refers to itself`)
  return metricMath(expression, {
    series: (other) => {
      const several = resolve(store, queries, other, range, [...asking, id])
      if (several.length < 2) return several[0]
      throw new CloudError('metric_math', `${expression}: ${other} is several series`)
    },
    metrics: Object.keys(metrics),
    periods,
    periodSeconds,
  })
}

function readValues(
  store: Pick<MetricStore, 'read'>,
  { metric, statistic }: MetricStat,
  { periods, periodSeconds }: Periods,
): Values {
  const [firstMs = 0] = periods
  const periodMs = periodSeconds * 1_000
  const points = store.read(metric, statistic, periodMs, firstMs, firstMs + periods.length * periodMs)
  return new Map(points.map(({ atMs, value }) => [atMs, value]))
}
