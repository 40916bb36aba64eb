import type { Resource } from '../template/assembly.ts'
import { list, placeOf } from '../template/properties.ts'
import { isComparison } from './alarm-evaluation.ts'
import type { AlarmRule } from './alarm-rule.ts'
import { isStatistic, type MetricId } from './metric-store.ts'
import type { MetricStat, Queries } from './queries.ts'

/** AWS::CloudWatch::Alarm */
export interface AlarmResource extends AlarmRule, Queries {
  /** Its AlarmName, or its place in the construct tree: `price-check-silent`. */
  readonly name: string
  readonly description: string
  readonly periodSeconds: number
  /** Which of its queries is compared with the threshold. */
  readonly watched: string
  /** Why it cannot be evaluated here, where something in it cannot. */
  readonly problem?: string
}

type Properties = Readonly<Record<string, unknown>>

/** One of an alarm's metrics, as `Metrics` has them. */
interface Query {
  readonly Id: string
  readonly Expression?: unknown
  readonly Period?: unknown
  readonly ReturnData?: unknown
  readonly MetricStat?: { readonly Metric: Properties; readonly Period: unknown; readonly Stat: unknown }
}

const TREATMENTS = ['breaching', 'notBreaching', 'ignore', 'missing'] as const

/** Reads an alarm whose references are replaced by what they are here. */
export function readAlarm(resource: Resource): AlarmResource {
  const { properties } = resource
  const queries = queriesOf(properties)
  const evaluationPeriods = Number(properties.EvaluationPeriods)
  const watched = queries.find(({ ReturnData: data }) => data !== false)?.Id ?? ''
  const alarm: AlarmResource = {
    name: alarmName(resource),
    description: typeof properties.AlarmDescription === 'string' ? properties.AlarmDescription : '',
    comparison: String(properties.ComparisonOperator),
    threshold: Number(properties.Threshold),
    evaluationPeriods,
    datapointsToAlarm: Number(properties.DatapointsToAlarm ?? evaluationPeriods),
    missing: TREATMENTS.find((treatment) => treatment === properties.TreatMissingData) ?? 'missing',
    periodSeconds: Math.max(60, ...queries.map(periodOf)),
    metrics: Object.fromEntries(queries.flatMap(({ Id: id, MetricStat: stat }) => metricStat(id, stat))),
    expressions: Object.fromEntries(
      queries.flatMap(({ Id: id, Expression: text }) => (typeof text === 'string' ? [[id, text]] : [])),
    ),
    watched,
  }
  return { ...alarm, problem: problemOf(alarm) }
}

/** By which an alarm is called here. */
export const alarmName = (resource: Resource): string =>
  typeof resource.properties.AlarmName === 'string' ? resource.properties.AlarmName : placeOf(resource)

/** An alarm names one metric among its own properties, or several in `Metrics`. */
function queriesOf(properties: Properties): readonly Query[] {
  if (properties.MetricName === undefined) return list(properties.Metrics) as Query[]
  const stat = properties.Statistic ?? properties.ExtendedStatistic
  return [{ Id: 'm1', MetricStat: { Metric: properties, Period: properties.Period, Stat: stat } }]
}

const periodOf = ({ MetricStat: stat, Period: period }: Query): number => Number(stat?.Period ?? period ?? 0)

function metricStat(id: string, stat: Query['MetricStat']): (readonly [string, MetricStat])[] {
  if (!stat) return []
  const dimensions = list(stat.Metric.Dimensions) as { readonly Name: string; readonly Value: unknown }[]
  const metric: MetricId = {
    namespace: String(stat.Metric.Namespace),
    name: String(stat.Metric.MetricName),
    dimensions: Object.fromEntries(
      dimensions.map(({ Name: name, Value: value }) => [
        name,
        typeof value === 'object' ? ELSEWHERE : String(value),
      ]),
    ),
  }
  return [[id, { metric, statistic: String(stat.Stat) }]]
}

/** Stands for what a template refers to and only AWS has. */
export const ELSEWHERE = '(known in AWS only)'

function problemOf(alarm: AlarmResource): string | undefined {
  const { comparison, threshold, evaluationPeriods, watched, metrics } = alarm
  const statistics = Object.values(metrics).map(({ statistic }) => statistic)
  const unknown = statistics.find((statistic) => !isStatistic(statistic))
  if (!isComparison(comparison)) return `ComparisonOperator ${comparison} is not known here`
  if (!Number.isFinite(threshold)) return 'it has no Threshold'
  if (!Number.isInteger(evaluationPeriods)) return 'it has no EvaluationPeriods'
  if (watched === '') return 'it has no metric'
  return unknown === undefined ? undefined : `the statistic ${unknown} is not known here`
}
