import { ClientError, explained } from './client-error.ts'
import { type MetricSpec, parsedBody, type WidgetPlace, type WidgetSpec } from './dashboard-body.ts'
import type { Keeper } from './keeper.ts'
import { outputsOf } from './parts.ts'

/** A dashboard of the template, drawn with what CloudWatch has. */
export interface DashboardData {
  readonly widgets: readonly DashboardWidget[]
}

/** What stands in one place of a dashboard. */
export type DashboardWidget = GraphWidget | Exclude<WidgetSpec, { kind: 'graph' }>

export interface GraphWidget extends WidgetPlace {
  readonly kind: 'graph'
  /** What is asked for, milliseconds since 1970: values may begin later. */
  readonly startMs: number
  readonly endMs: number
  /** Milliseconds since 1970, ascending; values of every series are at these times. */
  readonly times: readonly number[]
  readonly series: readonly { readonly label: string; readonly values: readonly (number | null)[] }[]
  /** Why it could not be read. */
  readonly problem?: string
}

/** Their names as people call them: `overview`, `price-check` ... in the order of the flow. */
export async function listDashboards(keeper: Keeper): Promise<readonly string[]> {
  return [...(await namesOf(keeper)).keys()]
}

/**
 * A dashboard with its values of the last minutes.
 * @throws ClientError `no_such_dashboard`
 */
export async function readDashboard(
  keeper: Keeper,
  name: string,
  minutes: number,
  nowMs = Date.now(),
): Promise<DashboardData> {
  const names = await namesOf(keeper)
  const awsName = names.get(name)
  if (awsName === undefined) {
    const known = [...names.keys()].join(', ') || 'none: deploy this version of Keeper'
    throw new ClientError('no_such_dashboard', `There is no dashboard "${name}"; there are ${known}.`)
  }
  const { GetDashboardCommand } = await import('@aws-sdk/client-cloudwatch')
  const client = await keeper.aws.cloudWatch()
  const { DashboardBody } = await client
    .send(new GetDashboardCommand({ DashboardName: awsName }))
    .catch((error: unknown) => {
      throw explained(error, keeper.title, 'cloudwatch:GetDashboard')
    })
  const range = { startMs: nowMs - minutes * 60_000, endMs: nowMs }
  return {
    widgets: await Promise.all(parsedBody(DashboardBody ?? '{}').map((spec) => drawn(keeper, spec, range))),
  }
}

/** Graphs have few points however long they are: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/change_dashboard_graph_format.html */
const MOST_POINTS = 300

interface Range {
  readonly startMs: number
  readonly endMs: number
}

async function drawn(keeper: Keeper, spec: WidgetSpec, range: Range): Promise<DashboardWidget> {
  if (spec.kind !== 'graph') return spec
  const { metrics, ...widget } = { ...spec, ...range }
  try {
    return { ...widget, ...(await valuesOf(keeper, metrics, range)) }
  } catch (error) {
    const { message } = explained(error, keeper.title, 'cloudwatch:GetMetricData')
    return { ...widget, times: [], series: [], problem: message }
  }
}

async function valuesOf(
  keeper: Keeper,
  metrics: readonly MetricSpec[],
  { startMs, endMs }: Range,
): Promise<Pick<GraphWidget, 'times' | 'series'>> {
  const { paginateGetMetricData } = await import('@aws-sdk/client-cloudwatch')
  const client = await keeper.aws.cloudWatch()
  const leastSeconds = Math.ceil((endMs - startMs) / 1_000 / MOST_POINTS / 60) * 60
  const query = {
    StartTime: new Date(startMs),
    EndTime: new Date(endMs),
    ScanBy: 'TimestampAscending' as const,
    MetricDataQueries: metrics.map(({ id, label, isVisible, expression, metric, stat, periodSeconds }) => {
      const period = Math.max(leastSeconds, periodSeconds)
      return {
        ...{ Id: id, ReturnData: isVisible, Label: label },
        ...(expression === undefined
          ? { MetricStat: { Metric: metric, Stat: stat, Period: period } }
          : { Expression: expression, Period: period }),
      }
    }),
  }
  const found = new Map<string, { label: string; at: Map<number, number> }>()
  for await (const { MetricDataResults = [] } of paginateGetMetricData({ client }, query)) {
    for (const { Id = '', Label = '', Timestamps = [], Values = [] } of MetricDataResults) {
      // An expression may give several series of one id.
      const key = `${Id} ${Label}`
      const series = found.get(key) ?? { label: Label, at: new Map() }
      found.set(key, series)
      for (const [index, time] of Timestamps.entries()) series.at.set(time.getTime(), Values[index] ?? 0)
    }
  }
  const times = [...new Set([...found.values()].flatMap(({ at }) => [...at.keys()]))].toSorted(
    (a, b) => a - b,
  )
  const series = [...found.values()].map(({ label, at }) => ({
    label,
    values: times.map((time) => at.get(time) ?? null),
  }))
  return { times, series }
}

/** CloudFormation makes names up, which the stack says; a local run has one Keeper, and names that follow from the template. */
async function namesOf(keeper: Keeper): Promise<ReadonlyMap<string, string>> {
  if (keeper.stage !== undefined) {
    const outputs = await outputsOf(keeper, ['monitoring'])
    return new Map(
      outputs.flatMap(({ OutputKey = '', OutputValue = '', Description }) =>
        OutputKey.endsWith('dashboard') && Description !== undefined ? [[Description, OutputValue]] : [],
      ),
    )
  }
  const { paginateListDashboards } = await import('@aws-sdk/client-cloudwatch')
  const client = await keeper.aws.cloudWatch()
  const names: string[] = []
  for await (const { DashboardEntries = [] } of paginateListDashboards({ client }, {})) {
    names.push(...DashboardEntries.flatMap(({ DashboardName }) => DashboardName ?? []))
  }
  return new Map(names.map((name) => [name.replace(/-dashboard$/, ''), name]))
}
