import { Duration } from 'aws-cdk-lib'
import { ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import type { IQueue } from 'aws-cdk-lib/aws-sqs'
import type { AlarmSpec } from '../monitoring/monitored.ts'
import type { KeeperFunction } from './keeper-function.ts'

export interface ProducerAlarmsProps {
  readonly name: string
  readonly function: KeeperFunction
  readonly failedRuns: IQueue
  /** The longest time between two runs of the schedule. */
  readonly interval: Duration
  /** Whether every run sends something. */
  readonly sendsEveryRun: boolean
  readonly timeout: Duration
  readonly keepa?: { readonly fewTokens: number }
}

/** What can go wrong with a scheduled producer. */
export const producerAlarms = (props: ProducerAlarmsProps): AlarmSpec[] => [
  props.sendsEveryRun ? noEvents(props) : noRuns(props),
  notSent(props),
  failedRuns(props),
  ...(props.keepa ? keepaAlarms(props, props.keepa.fewTokens) : []),
  // A run that waits for tokens uses its time by design and ends 2 s before its timeout.
  ...props.function.runAlarms({ nearTimeoutSeconds: props.timeout.toSeconds() - 1 }),
]

/** The schedule plus an hour, in whole hours: how long silence is no alarm. */
const hoursOf = ({ interval }: ProducerAlarmsProps): number => Math.ceil(interval.toHours()) + 1

const HOUR = Duration.hours(1)

const silence = (props: ProducerAlarmsProps) => ({
  threshold: 1,
  comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
  periods: hoursOf(props),
  // No data is what the alarm is about.
  missing: TreatMissingData.BREACHING,
})

const noEvents = (props: ProducerAlarmsProps): AlarmSpec => ({
  id: `${props.name}-silent`,
  runbook: 'no-events-sent',
  sentence: `${props.name} has sent no event for ${hoursOf(props)} hours, one more than its schedule allows.`,
  metric: props.function.countOf('eventsSent', { period: HOUR }),
  ...silence(props),
})

const noRuns = (props: ProducerAlarmsProps): AlarmSpec => ({
  id: `${props.name}-silent`,
  runbook: 'no-run',
  sentence: `${props.name} has not run for ${hoursOf(props)} hours, one more than its schedule allows.`,
  metric: props.function.metricInvocations({ period: HOUR, statistic: 'Sum' }),
  ...silence(props),
})

const notSent = ({ name, function: handler }: ProducerAlarmsProps): AlarmSpec => ({
  id: `${name}-not-sent`,
  runbook: 'events-not-sent',
  sentence: `${name} had events that Kafka did not take.`,
  metric: handler.countOf('eventsNotSent'),
  threshold: 0,
  // Between two runs there is nothing to say.
  missing: TreatMissingData.NOT_BREACHING,
})

const failedRuns = ({ name, failedRuns: queue }: ProducerAlarmsProps): AlarmSpec => ({
  id: `${name}-failed-runs`,
  runbook: 'failed-runs',
  sentence: `Runs of ${name} that did not start or failed are in its dead-letter queue.`,
  metric: queue.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum' }),
  threshold: 0,
  // SQS stops reporting a queue that nobody has used for hours: it is empty, or was looked at before.
  missing: TreatMissingData.IGNORE,
})

const keepaAlarms = ({ name, function: handler }: ProducerAlarmsProps, fewTokens: number): AlarmSpec[] => [
  {
    id: `${name}-keepa-tokens`,
    runbook: 'keepa-tokens-low',
    sentence: `${name} left fewer than ${fewTokens} of Keepa's tokens.`,
    metric: handler.countOf('keepaTokensLeft', { statistic: 'Minimum' }),
    threshold: fewTokens,
    comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
    // The last run's answer stands until the next one's.
    missing: TreatMissingData.IGNORE,
  },
  {
    id: `${name}-keepa-refuses`,
    runbook: 'keepa-refuses',
    sentence: `Keepa refused ${name}: the payment, the plan, the key or the request is at fault.`,
    metric: handler.countOf('keepaRefusals'),
    threshold: 0,
    missing: TreatMissingData.NOT_BREACHING,
  },
]
