import { own } from '../own.ts'
import type { Measurement } from './metric-store.ts'

interface Directive {
  readonly Namespace?: unknown
  readonly Dimensions?: unknown
  readonly Metrics?: unknown
}

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}

const array = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/**
 * The measurements in a line of a function's log; none where it is no line of the embedded metric format. What is not
 * as the format says is left out, as CloudWatch does.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function embeddedMetrics(line: string): readonly Measurement[] {
  if (!line.startsWith('{') || !line.includes('"_aws"')) return []
  try {
    const root = record(JSON.parse(line))
    const { Timestamp: atMs, CloudWatchMetrics: directives } = record(root._aws)
    if (typeof atMs !== 'number') return []
    return array(directives).flatMap((directive) => measurementsOf(root, record(directive), atMs))
  } catch {
    return []
  }
}

function measurementsOf(
  root: Readonly<Record<string, unknown>>,
  { Namespace: namespace, Dimensions: sets, Metrics: metrics }: Directive,
  atMs: number,
): readonly Measurement[] {
  if (typeof namespace !== 'string') return []
  const dimensionSets = array(sets)
    .map((names) => dimensionsOf(root, array(names)))
    .filter((dimensions) => dimensions !== undefined)
  return array(metrics).flatMap((metric) => {
    const { Name: name, Unit: unit } = record(metric)
    if (typeof name !== 'string') return []
    const values = [own(root, name)].flat().filter((value) => typeof value === 'number')
    if (values.length === 0) return []
    return dimensionSets.map((dimensions) => ({
      namespace,
      name,
      dimensions,
      unit: typeof unit === 'string' ? unit : undefined,
      atMs,
      values,
    }))
  })
}

/** Undefined where the line lacks one of them: without it the set names another metric. */
function dimensionsOf(
  root: Readonly<Record<string, unknown>>,
  names: readonly unknown[],
): Readonly<Record<string, string>> | undefined {
  const entries = names.map((name) => [String(name), own(root, String(name))] as const)
  if (entries.some(([, value]) => typeof value !== 'string')) return undefined
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]))
}
