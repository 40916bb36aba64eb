/**
 * Metrics as CloudWatch's embedded metric format: one JSON line on standard output, no client and no call.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */

/** The namespace of every metric that Keeper's own code emits. */
export const METRIC_NAMESPACE = 'Keeper'

/** The dimension of every such metric: the name of the function's construct, `price-consumer`. */
export const METRIC_DIMENSION = 'Function'

/** Every metric that a function emits, by what it counts in one invocation. */
export const METRICS = {
  recordsReceived: 'RecordsReceived',
  historyRowsStored: 'HistoryRowsStored',
  alertsRaised: 'AlertsRaised',
  recordsRejected: 'RecordsRejected',
  recordsUnwatched: 'RecordsUnwatched',
  recordsWithoutPrice: 'RecordsWithoutPrice',
  tombstones: 'Tombstones',
  keyMismatches: 'KeyMismatches',
  eventsSent: 'EventsSent',
  eventsNotSent: 'EventsNotSent',
  productsNotChecked: 'ProductsNotChecked',
  keepaTokensLeft: 'KeepaTokensLeft',
  keepaRefusals: 'KeepaRefusals',
} as const

export type MetricName = (typeof METRICS)[keyof typeof METRICS]

/** Writes one embedded-metric line with all `values`, each in the unit Count. */
export function emitMetrics(
  functionName: string,
  values: Partial<Record<MetricName, number>>,
  write: (line: string) => void = (line) => void process.stdout.write(line),
): void {
  const names = Object.keys(values)
  if (names.length === 0) return
  write(
    `${JSON.stringify({
      _aws: {
        Timestamp: Date.now(),
        CloudWatchMetrics: [
          {
            Namespace: METRIC_NAMESPACE,
            Dimensions: [[METRIC_DIMENSION]],
            Metrics: names.map((Name) => ({ Name, Unit: 'Count' })),
          },
        ],
      },
      [METRIC_DIMENSION]: functionName,
      ...values,
    })}\n`,
  )
}
