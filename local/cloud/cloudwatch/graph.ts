import { list } from '../template/properties.ts'
import type { MetricId } from './metric-store.ts'
import type { MetricStat, Queries } from './queries.ts'

/** A line of a graph. */
export interface GraphLine {
  /** By which it is asked for in the graph's queries. */
  readonly id: string
  readonly label: string
  readonly yAxis: 'left' | 'right'
  readonly periodSeconds: number
}

/** A metric widget, as it is to be drawn. */
export interface Graph extends Queries {
  readonly lines: readonly GraphLine[]
}

interface RowOptions {
  readonly id?: string
  readonly expression?: string
  readonly label?: string
  readonly stat?: string
  readonly period?: number
  readonly visible?: boolean
  readonly yAxis?: 'left' | 'right'
}

/** What CloudWatch takes where a widget says nothing. */
const DEFAULT_STATISTIC = 'Average'
const DEFAULT_PERIOD_SECONDS = 300

/**
 * Reads a metric widget's rows: `[namespace, name, dimension, value, ..., { options }]`, where `.` repeats what stands
 * there in the row before, and `...` all that the row does not say, or `[{ expression }]`.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html#CloudWatch-Dashboard-Properties-Metrics-Array-Format
 */
export function readGraph(properties: Readonly<Record<string, unknown>>): Graph {
  const metrics = new Map<string, MetricStat>()
  const expressions = new Map<string, string>()
  const lines: GraphLine[] = []
  let before: readonly string[] = []
  for (const [index, row] of list(properties.metrics).entries()) {
    const parts = list(row)
    const options = (parts.find((part) => typeof part === 'object') ?? {}) as RowOptions
    const id = options.id ?? `row${index + 1}`
    if (options.expression === undefined) {
      before = written(
        parts.filter((part) => typeof part === 'string'),
        before,
      )
      const statistic = options.stat ?? String(properties.stat ?? DEFAULT_STATISTIC)
      metrics.set(id, { metric: metricOf(before), statistic })
    } else expressions.set(id, options.expression)
    if (options.visible === false) continue
    lines.push({
      id,
      label: options.label ?? options.expression ?? before[1] ?? '',
      yAxis: options.yAxis ?? 'left',
      periodSeconds: options.period ?? Number(properties.period ?? DEFAULT_PERIOD_SECONDS),
    })
  }
  return { metrics: Object.fromEntries(metrics), expressions: Object.fromEntries(expressions), lines }
}

/** The row in full. */
function written(row: readonly string[], before: readonly string[]): readonly string[] {
  const dots = row.indexOf('...')
  const missing = dots < 0 ? [] : before.slice(dots, before.length - (row.length - dots - 1))
  const whole = dots < 0 ? row : [...row.slice(0, dots), ...missing, ...row.slice(dots + 1)]
  return whole.map((part, index) => (part === '.' ? (before[index] ?? '') : part))
}

function metricOf([namespace = '', name = '', ...pairs]: readonly string[]): MetricId {
  const dimensions = new Map<string, string>()
  for (let index = 0; index + 1 < pairs.length; index += 2) {
    dimensions.set(pairs[index] ?? '', pairs[index + 1] ?? '')
  }
  return { namespace, name, dimensions: Object.fromEntries(dimensions) }
}
