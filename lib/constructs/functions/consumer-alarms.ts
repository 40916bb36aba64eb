import { Duration } from 'aws-cdk-lib'
import { type IMetric, MathExpression, type Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import type { AlarmSpec } from '../monitoring/monitored.ts'
import type { KeeperFunction } from './keeper-function.ts'

/** Kafka forgets after seven days; two of them are left to act in. */
const NEARLY_FORGOTTEN = Duration.days(5)

/** A consumer that uses more of its time than this is near its timeout. */
const NEAR_TIMEOUT = 0.8

export interface ConsumerAlarmsProps {
  readonly name: string
  readonly function: KeeperFunction
  /** Seconds that the oldest unread record has waited. */
  readonly timeLag: IMetric
  /** An older unread record than this is an alarm. */
  readonly mostLag: Duration
  readonly timeout: Duration
}

/** What can go wrong with a consumer. */
export const consumerAlarms = (props: ConsumerAlarmsProps): AlarmSpec[] => [
  ...lagAlarms(props),
  {
    id: `${props.name}-stalled`,
    runbook: 'consumer-stalled',
    sentence: `${props.name} has records to read and was not invoked for 30 minutes.`,
    metric: stalled(props.function),
    threshold: 0,
    periods: 3,
    missing: TreatMissingData.NOT_BREACHING,
  },
  {
    id: `${props.name}-rejected`,
    runbook: 'records-rejected',
    sentence: `${props.name} put records that it could not store into rejected_records.`,
    metric: props.function.countOf('recordsRejected'),
    threshold: 0,
    missing: TreatMissingData.NOT_BREACHING,
  },
  ...props.function.runAlarms({ nearTimeoutSeconds: Math.floor(props.timeout.toSeconds() * NEAR_TIMEOUT) }),
]

const lagAlarms = ({ name, timeLag, mostLag }: ConsumerAlarmsProps): AlarmSpec[] => [
  {
    id: `${name}-behind`,
    runbook: 'consumer-behind',
    sentence: `${name} is more than ${mostLag.toMinutes()} minutes behind its topic.`,
    metric: timeLag,
    threshold: mostLag.toSeconds(),
    periods: 3,
    // MSK says nothing of a group that has committed nothing yet or is being balanced.
    missing: TreatMissingData.NOT_BREACHING,
  },
  {
    id: `${name}-nearly-forgotten`,
    runbook: 'records-expire-soon',
    sentence: `Kafka will forget records before ${name} has read them: they are ${NEARLY_FORGOTTEN.toDays()} of 7 days old.`,
    metric: timeLag,
    threshold: NEARLY_FORGOTTEN.toSeconds(),
    missing: TreatMissingData.IGNORE,
  },
]

/** Records that the function's mapping has not read: by function, which is by mapping as well, as it has one. */
export const recordLag = (consumer: KeeperFunction, period = Duration.minutes(5)): Metric =>
  consumer.metric('OffsetLag', { statistic: 'Maximum', period })

/** 1 while there are records to read and Lambda has not invoked the function. */
function stalled(consumer: KeeperFunction): MathExpression {
  const period = Duration.minutes(10)
  return new MathExpression({
    expression: 'IF(lag > 0 AND FILL(invocations, 0) == 0, 1, 0)',
    usingMetrics: {
      lag: recordLag(consumer, period),
      invocations: consumer.metricInvocations({ period, statistic: 'Sum' }),
    },
    period,
    label: 'stalled',
  })
}
