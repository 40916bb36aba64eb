/**
 * What AWS counts of a mapping; OffsetLag is a level, the rest are counts to be added up.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html#event-source-mapping-metrics
 */
export type MappingMetric =
  | 'PolledEventCount'
  | 'FilteredOutEventCount'
  | 'InvokedEventCount'
  | 'FailedInvokeEventCount'
  | 'DroppedEventCount'
  | 'OnFailureDestinationDeliveredEventCount'
  | 'CommittedEventCount'
  | 'OffsetLag'

/** Takes the metrics of one mapping, as they come. */
export type MappingMetrics = (metric: MappingMetric, value: number) => void
