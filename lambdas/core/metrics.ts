import { type Environment, optional } from './environment.ts'
import * as ENVIRONMENT from './environment-names.ts'

/**
 * Metrics as CloudWatch's embedded metric format: one JSON line on standard output, no client and no call.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */

/** The namespace of every metric that Keeper's own code emits. */
export const METRIC_NAMESPACE = 'Keeper'

/** The dimensions of every such metric: the deployment's stage, and the function's construct, `price-consumer`. */
export const METRIC_DIMENSIONS = { stage: 'Stage', function: 'Function' } as const

/** Every metric that a function emits, by what it counts in one invocation. */
export const METRICS = {
  recordsReceived: 'RecordsReceived',
  /** Not a count: the age of the oldest record stored, in seconds since Kafka received it. */
  recordAge: 'RecordAgeSeconds',
  historyRowsStored: 'HistoryRowsStored',
  alertsRaised: 'AlertsRaised',
  recordsRejected: 'RecordsRejected',
  recordsMissed: 'RecordsMissed',
  recordsUnwatched: 'RecordsUnwatched',
  recordsWithoutPrice: 'RecordsWithoutPrice',
  recordsBeyondRetention: 'RecordsBeyondRetention',
  tombstones: 'Tombstones',
  keyMismatches: 'KeyMismatches',
  dealsIndexed: 'DealsIndexed',
  dealsOutdated: 'DealsOutdated',
  dealsImplausible: 'DealsImplausible',
  eventsSent: 'EventsSent',
  eventsNotSent: 'EventsNotSent',
  productsNotChecked: 'ProductsNotChecked',
  productsNotFollowed: 'ProductsNotFollowed',
  historiesImported: 'HistoriesImported',
  keepaTokensLeft: 'KeepaTokensLeft',
  keepaRefusals: 'KeepaRefusals',
  alertsGathered: 'AlertsGathered',
  alertsSuperseded: 'AlertsSuperseded',
  deliveriesSent: 'DeliveriesSent',
  deliveriesFailed: 'DeliveriesFailed',
  messagesFailed: 'MessagesFailed',
  sendingStopped: 'SendingStopped',
  /** Not a count: how long the message that has waited longest could have been sent, in seconds. */
  oldestDue: 'OldestDueSeconds',
  addressesSwitchedOff: 'AddressesSwitchedOff',
  historyMonthsMissing: 'HistoryMonthsMissing',
  historyRowsThinned: 'HistoryRowsThinned',
  historyRowsForgotten: 'HistoryRowsForgotten',
} as const

export type MetricName = (typeof METRICS)[keyof typeof METRICS]

/** CloudWatch units of the metrics that are not counts. */
const UNITS: Partial<Record<string, string>> = {
  [METRICS.recordAge]: 'Seconds',
  [METRICS.oldestDue]: 'Seconds',
}

/** Writes one embedded-metric line with all `values`, each in its unit, for the stage in KEEPER_STAGE. */
export function emitMetrics(
  functionName: string,
  values: Partial<Record<MetricName, number>>,
  write: (line: string) => void = (line) => void process.stdout.write(line),
  environment: Environment = process.env,
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
            Dimensions: [[METRIC_DIMENSIONS.stage, METRIC_DIMENSIONS.function]],
            Metrics: names.map((Name) => ({ Name, Unit: UNITS[Name] ?? 'Count' })),
          },
        ],
      },
      [METRIC_DIMENSIONS.stage]: optional(environment, ENVIRONMENT.stage, 'unknown'),
      [METRIC_DIMENSIONS.function]: functionName,
      ...values,
    })}\n`,
  )
}
