import { Duration } from 'aws-cdk-lib'
import { TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import type { AlarmSpec } from '../monitoring/monitored.ts'
import type { ConsumerLag } from './consumer-lag.ts'
import type { KeeperFunction } from './keeper-function.ts'

/** Kafka deletes records after seven days, so two days are left to act. */
const NEARLY_FORGOTTEN = Duration.days(5)

export interface ConsumerAlarmsProps {
  readonly function: KeeperFunction
  readonly lag: ConsumerLag
  /** The age at which a stored record raises an alarm. */
  readonly mostLag: Duration
}

/**
 * The alarms of any consumer. A consumer that reads is judged by the age of the records it stores, one that does not by
 * the records left to read.
 */
export const consumerAlarms = ({ function: consumer, lag, mostLag }: ConsumerAlarmsProps): AlarmSpec[] => [
  {
    id: `${consumer.name}-behind`,
    runbook: 'consumer-behind',
    sentence: `${consumer.name} stores records that are more than ${mostLag.toMinutes()} minutes old.`,
    metric: lag.recordAge(),
    threshold: mostLag.toSeconds(),
    periods: 3,
    // If nothing was stored, there is nothing to read, or one of the two alarms on unread records goes off.
    missing: TreatMissingData.NOT_BREACHING,
  },
  {
    id: `${consumer.name}-nearly-forgotten`,
    runbook: 'records-expire-soon',
    sentence: `Kafka will soon delete records before ${consumer.name} has read them: for an hour it has stored records that are more than ${NEARLY_FORGOTTEN.toDays()} days old, and Kafka deletes them after 7.`,
    metric: lag.recordAge(),
    threshold: NEARLY_FORGOTTEN.toSeconds(),
    // A replay of seven days reads such records too, but not for long.
    periods: 12,
    // As above.
    missing: TreatMissingData.NOT_BREACHING,
  },
  {
    id: `${consumer.name}-stalled`,
    runbook: 'consumer-stalled',
    sentence: `${consumer.name} has records to read and was not invoked for 30 minutes.`,
    metric: lag.unreadWithout(consumer.metricInvocations(), Duration.minutes(10)),
    threshold: 0,
    periods: 3,
    // There are no lag metrics for a mapping and a group that have never read anything.
    missing: TreatMissingData.NOT_BREACHING,
  },
  {
    id: `${consumer.name}-stores-nothing`,
    runbook: 'records-expire-soon',
    sentence: `${consumer.name} has records to read and has stored none for 6 hours; Kafka deletes records after 7 days.`,
    metric: lag.unreadWithout(consumer.countOf('recordsReceived'), Duration.hours(1)),
    threshold: 0,
    periods: 6,
    // As above.
    missing: TreatMissingData.NOT_BREACHING,
  },
  {
    id: `${consumer.name}-missed`,
    runbook: 'records-missed',
    sentence: `Kafka deleted records before ${consumer.name} had read them.`,
    metric: consumer.countOf('recordsMissed'),
    threshold: 0,
    // If nothing was stored, no gap was found.
    missing: TreatMissingData.NOT_BREACHING,
  },
  {
    id: `${consumer.name}-rejected`,
    runbook: 'records-rejected',
    sentence: `${consumer.name} put records that it could not store into rejected_records.`,
    metric: consumer.countOf('recordsRejected'),
    threshold: 0,
    // If nothing was stored, nothing was rejected.
    missing: TreatMissingData.NOT_BREACHING,
  },
]
