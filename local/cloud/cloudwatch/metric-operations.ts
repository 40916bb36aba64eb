import { messageOf } from '../cloud-error.ts'
import { ApiError, type Operations } from '../protocols/api.ts'
import { Input, pageOf } from '../protocols/input.ts'
import type { CloudWatch } from './cloudwatch.ts'
import { metricMembers, metricOf } from './metric-members.ts'
import { isStatistic, type MetricId } from './metric-store.ts'
import { type MetricStat, type Queries, valuesOf } from './queries.ts'

const INVALID = 'ValidationException'

/** What a request may ask for: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html */
const MAX_QUERIES = 500
const MAX_DATAPOINTS = 100_800

const THREE_HOURS_MS = 3 * 3_600_000

/**
 * Metrics and their values of this run.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html
 */
export const metricOperations = (cloudWatch: CloudWatch): Operations => ({
  GetMetricData: (values) => getMetricData(cloudWatch, new Input(values, INVALID)),
  ListMetrics: (values) => listMetrics(cloudWatch, new Input(values, INVALID)),
})

async function listMetrics(cloudWatch: CloudWatch, input: Input) {
  await cloudWatch.readLogs()
  const namespace = input.optionalText('Namespace')
  const name = input.optionalText('MetricName')
  const dimensions = (input.structures('Dimensions') ?? []).map(
    (filter) => [filter.text('Name'), filter.optionalText('Value')] as const,
  )
  const recent = input.word('RecentlyActive', ['PT3H'])
  const isWanted = (metric: MetricId) =>
    (namespace === undefined || metric.namespace === namespace) &&
    (name === undefined || metric.name === name) &&
    dimensions.every(
      ([key, value]) =>
        Object.hasOwn(metric.dimensions, key) && (value === undefined || metric.dimensions[key] === value),
    )
  const listed = cloudWatch.store.list(recent ? cloudWatch.nowMs - THREE_HOURS_MS : 0).filter(isWanted)
  const { items, next } = pageOf(
    listed,
    500,
    input.optionalText('NextToken'),
    'InvalidParameterValueException',
  )
  return { Metrics: items.map(metricMembers), NextToken: next }
}

/** One of the queries. */
interface Query {
  readonly id: string
  readonly label: string | undefined
  readonly periodSeconds: number | undefined
  readonly stat: MetricStat | undefined
  readonly expression: string | undefined
  readonly isReturned: boolean
}

async function getMetricData(cloudWatch: CloudWatch, input: Input) {
  const queries = (input.structures('MetricDataQueries') ?? []).map(queryOf)
  if (queries.length === 0) input.refuse('The parameter MetricDataQueries is required.')
  if (queries.length > MAX_QUERIES) input.refuse(`MetricDataQueries has more than ${MAX_QUERIES} items.`)
  const startMs = input.timeMs('StartTime') ?? input.refuse('The parameter StartTime is required.')
  const endMs = input.timeMs('EndTime') ?? input.refuse('The parameter EndTime is required.')
  if (startMs >= endMs) input.refuse('The parameter StartTime must be less than the parameter EndTime.')
  const newestFirst =
    input.word('ScanBy', ['TimestampDescending', 'TimestampAscending']) !== 'TimestampAscending'
  const asked: Queries = {
    metrics: Object.fromEntries(queries.flatMap(({ id, stat }) => (stat ? [[id, stat]] : []))),
    expressions: Object.fromEntries(
      queries.flatMap(({ id, expression }) => (expression === undefined ? [] : [[id, expression]])),
    ),
  }
  await cloudWatch.readLogs()
  const shortest = Math.min(...queries.map(({ periodSeconds }) => periodSeconds ?? Number.POSITIVE_INFINITY))
  const results = queries
    .filter(({ isReturned }) => isReturned)
    .flatMap((query) => {
      const periodSeconds = query.periodSeconds ?? (Number.isFinite(shortest) ? shortest : 60)
      const periods = periodsWithin(startMs, endMs, periodSeconds * 1_000)
      return seriesOf(cloudWatch, asked, query.id, { periods, periodSeconds }).map((values) => {
        const points = [...values].sort(([a], [b]) => (newestFirst ? b - a : a - b))
        return {
          Id: query.id,
          Label: query.label ?? query.stat?.metric.name ?? query.id,
          Timestamps: points.map(([atMs]) => new Date(atMs)),
          Values: points.map(([, value]) => value),
          StatusCode: 'Complete',
        }
      })
    })
  return { MetricDataResults: results, Messages: [] }
}

function queryOf(input: Input): Query {
  const stat = input.structure('MetricStat')
  const statistic = stat?.text('Stat')
  const metric = stat?.structure('Metric')
  if (statistic !== undefined && !isStatistic(statistic)) input.refuse(`Stat ${statistic} is not known here.`)
  const expression = input.optionalText('Expression')
  if (!metric === (expression === undefined)) {
    input.refuse(`The query ${input.text('Id')} must have one of MetricStat and Expression.`)
  }
  return {
    id: input.text('Id'),
    label: input.optionalText('Label'),
    periodSeconds: minutes((stat ?? input).integer('Period', 1, 86_400)),
    stat: metric && { metric: metricOf(metric), statistic: statistic ?? '' },
    expression,
    isReturned: input.flag('ReturnData') ?? true,
  }
}

/** Metrics are kept by the minute. */
const minutes = (seconds: number | undefined): number | undefined =>
  seconds === undefined ? undefined : Math.ceil(seconds / 60) * 60

function periodsWithin(startMs: number, endMs: number, periodMs: number): readonly number[] {
  const firstMs = Math.floor(startMs / periodMs) * periodMs
  const length = Math.ceil((endMs - firstMs) / periodMs)
  if (length > MAX_DATAPOINTS) {
    throw new ApiError(
      INVALID,
      `You have requested up to ${length} datapoints, which exceeds ${MAX_DATAPOINTS}.`,
    )
  }
  return Array.from({ length }, (_, index) => firstMs + index * periodMs)
}

function seriesOf(
  cloudWatch: CloudWatch,
  ...asked: readonly [Queries, string, Parameters<typeof valuesOf>[3]]
) {
  try {
    return valuesOf(cloudWatch.store, ...asked)
  } catch (error) {
    throw new ApiError(INVALID, messageOf(error))
  }
}
