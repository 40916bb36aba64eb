import type { Input } from '../protocols/input.ts'
import type { MetricId } from './metric-store.ts'

/** What CloudWatch's API calls a metric's parts. */

export const dimensionList = (dimensions: MetricId['dimensions']) =>
  Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }))

/** One of the five statistics, or a percentile. */
export const statisticMembers = (statistic: string) =>
  /^p\d/.test(statistic) ? { ExtendedStatistic: statistic } : { Statistic: statistic }

export const metricMembers = ({ namespace, name, dimensions }: MetricId) => ({
  Namespace: namespace,
  MetricName: name,
  Dimensions: dimensionList(dimensions),
})

/** @throws ApiError for what is not a metric */
export const metricOf = (input: Input): MetricId => ({
  namespace: input.text('Namespace'),
  name: input.text('MetricName'),
  dimensions: Object.fromEntries(
    (input.structures('Dimensions') ?? []).map((dimension) => [
      dimension.text('Name'),
      dimension.text('Value'),
    ]),
  ),
})
