import { messageOf } from '../cloud-error.ts'
import { list } from '../template/properties.ts'
import type { AlarmStatus } from './alarm-states.ts'
import type { DashboardResource, Widget } from './dashboard-resource.ts'
import { type GraphLine, readGraph } from './graph.ts'
import type { Values } from './metric-math.ts'
import type { MetricId, MetricStore } from './metric-store.ts'
import { type Queries, valuesOf } from './queries.ts'

/** What a dashboard is drawn from. */
export interface Shown {
  readonly store: Pick<MetricStore, 'read'>
  readonly isPublished: (metric: MetricId) => boolean
  readonly alarms: readonly AlarmStatus[]
  readonly fromMs: number
  readonly toMs: number
  /** In place of the widgets' own; undefined for these. */
  readonly periodSeconds: number | undefined
}

/** A line of a graph has at most so many points; its periods become longer where it would have more. */
const MOST_POINTS = 1_500

/** A dashboard of the template with what is known here: each widget as it is placed, and its lines' points. */
export function dashboardData({ name, widgets }: DashboardResource, shown: Shown) {
  return {
    name,
    from: new Date(shown.fromMs).toISOString(),
    to: new Date(shown.toMs).toISOString(),
    widgets: widgets.map((widget) => widgetData(widget, shown)),
  }
}

function widgetData({ type, x, y, width, height, properties }: Widget, shown: Shown) {
  const { title, view, stacked, yAxis, annotations, markdown } = properties
  const placed = { type, title, x, y, width, height }
  if (type === 'text') return { ...placed, markdown }
  if (type === 'alarm') return { ...placed, alarms: alarmsOf(properties, shown.alarms) }
  // Lists of logs and the like have nothing here to be drawn from.
  if (type !== 'metric') return placed
  const graph = readGraph(properties)
  const lines = graph.lines.flatMap((line) => lineData(graph, line, shown))
  return { ...placed, view: view ?? 'timeSeries', stacked: stacked ?? false, yAxis, annotations, lines }
}

/** A line's points; an expression may make several lines, or be one that cannot be computed here, as `problem` says. */
function lineData(graph: Queries, { id, label, yAxis, periodSeconds }: GraphLine, shown: Shown) {
  const seconds = periodFor(shown, periodSeconds)
  const periods = periodsWithin(shown, seconds * 1_000)
  const stat = graph.metrics[id]
  const line = {
    label,
    yAxis,
    periodSeconds: seconds,
    ...(stat
      ? { ...stat.metric, statistic: stat.statistic, published: shown.isPublished(stat.metric) }
      : { expression: graph.expressions[id] }),
  }
  try {
    const series = valuesOf(shown.store, graph, id, { periods, periodSeconds: seconds })
    return series.map((values) => ({ ...line, points: pointsOf(values) }))
  } catch (error) {
    return [{ ...line, points: [], problem: messageOf(error) }]
  }
}

/** Milliseconds since 1970 at the period's beginning, and the value. */
const pointsOf = (values: Values): readonly (readonly [number, number])[] =>
  [...values].sort(([a], [b]) => a - b)

function periodFor({ fromMs, toMs, periodSeconds }: Shown, own: number): number {
  const wanted = Math.max(60, Math.ceil((periodSeconds ?? own) / 60) * 60)
  const least = (toMs - fromMs) / 1_000 / MOST_POINTS
  return wanted * Math.max(1, Math.ceil(least / wanted))
}

function periodsWithin({ fromMs, toMs }: Shown, periodMs: number): readonly number[] {
  const firstMs = Math.floor(fromMs / periodMs) * periodMs
  return Array.from(
    { length: Math.ceil((toMs - firstMs) / periodMs) },
    (_, index) => firstMs + index * periodMs,
  )
}

/** An alarm widget names ARNs, that end with the names. */
function alarmsOf({ alarms }: Readonly<Record<string, unknown>>, statuses: readonly AlarmStatus[]) {
  return list(alarms).map((arn) => {
    const name = String(arn).split(':alarm:').at(-1)
    return { name, state: statuses.find((status) => status.name === name)?.state ?? null }
  })
}
