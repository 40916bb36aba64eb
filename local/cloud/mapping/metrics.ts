/**
 * What AWS counts of a mapping; OffsetLag (of all partitions) and MaxOffsetLag (of one) are levels, the rest counts to be added up.
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
  | 'MaxOffsetLag'

/** Takes the metrics of one mapping, as they come. */
export type MappingMetrics = (metric: MappingMetric, value: number) => void
