import { mappingUuid } from '../account.ts'
import type { MappingResource } from '../mapping/mapping-resource.ts'
import type { MappingMetric } from '../mapping/metrics.ts'
import type { Measurement } from './metric-store.ts'

/**
 * The groups of metrics that a mapping's MetricsConfig asks for, as far as they are known here.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html#event-source-mapping-metrics
 */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  EventCount: [
    'PolledEventCount',
    'FilteredOutEventCount',
    'InvokedEventCount',
    'FailedInvokeEventCount',
    'DroppedEventCount',
    'OnFailureDestinationDeliveredEventCount',
    'CommittedEventCount',
  ],
  ErrorCount: ['InvokeErrorCount'],
  KafkaMetrics: ['MaxOffsetLag', 'SumOffsetLag'],
}

/** What a mapping publishes besides OffsetLag. */
export const mappingMetricNames = ({ metricGroups = [] }: MappingResource): readonly string[] =>
  metricGroups.flatMap((group) => GROUPS[group] ?? [])

/** What is published when a mapping tells a value. Levels are published by the minute, not here. */
export function mappingMeasurements(
  mapping: MappingResource,
  metric: MappingMetric,
  value: number,
  atMs: number,
): readonly Measurement[] {
  const names = mappingMetricNames(mapping)
  const counted = metric === 'FailedInvokeEventCount' ? [metric, 'InvokeErrorCount'] : [metric]
  return counted
    .filter((name) => names.includes(name))
    .map((name) => ofMapping(mapping, name, name === 'InvokeErrorCount' ? 1 : value, atMs))
}

/** A mapping's metric, under its UUID. */
export const ofMapping = (
  mapping: MappingResource,
  name: string,
  value: number,
  atMs: number,
): Measurement => ({
  namespace: 'AWS/Lambda',
  name,
  dimensions: { EventSourceMappingUUID: mappingUuid(mapping.name) },
  unit: 'Count',
  atMs,
  values: [value],
})
