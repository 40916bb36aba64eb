import { Duration } from 'aws-cdk-lib'
import { ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import type { IQueue } from 'aws-cdk-lib/aws-sqs'
import type { AlarmSpec } from '../monitoring/monitored.ts'
import type { KeeperFunction } from './keeper-function.ts'
import { failedRunsAlarm, noRunsAlarm, silenceAlarm } from './schedule-alarms.ts'

export interface ProducerAlarmsProps {
  readonly function: KeeperFunction
  readonly failedRuns: IQueue
  /** The longest time between two runs of the schedule. */
  readonly interval: Duration
  /** Whether every run sends something. */
  readonly sendsEveryRun: boolean
  /** How long its runs may send nothing; default: for ever, unless every run sends something. */
  readonly mostSilence?: Duration
  readonly timeout: Duration
  readonly keepa?: { readonly fewTokens: number }
}

/** The alarms of a scheduled producer. */
export const producerAlarms = ({
  function: handler,
  failedRuns,
  interval,
  sendsEveryRun,
  mostSilence,
  timeout,
  keepa,
}: ProducerAlarmsProps): AlarmSpec[] => [
  sendsEveryRun ? noEvents(handler, interval) : noRunsAlarm(handler, interval),
  ...(mostSilence ? [sendsNothing(handler, mostSilence)] : []),
  notSent(handler),
  failedRunsAlarm(handler, failedRuns),
  ...(keepa ? keepaAlarms(handler, keepa.fewTokens) : []),
  // By design, a run that waits for tokens uses its time up and ends 2 s before its timeout.
  ...handler.runAlarms({ nearTimeoutSeconds: timeout.toSeconds() - 1 }),
]

const noEvents = (handler: KeeperFunction, interval: Duration): AlarmSpec =>
  silenceAlarm(handler, interval, {
    runbook: 'no-events-sent',
    hasNot: 'has sent no event',
    countOver: (period) => handler.countOf('eventsSent', { period }),
  })

/** Runs that may find nothing find something in the end: else what they ask gives them nothing any more. */
const sendsNothing = (handler: KeeperFunction, mostSilence: Duration): AlarmSpec => ({
  id: `${handler.name}-sends-nothing`,
  runbook: 'no-events-sent',
  sentence: `${handler.name} has sent no event for ${mostSilence.toHours()} hours.`,
  metric: handler.countOf('eventsSent', { period: Duration.hours(1) }),
  threshold: 1,
  comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
  periods: mostSilence.toHours(),
  // Missing data is what the alarm is about.
  missing: TreatMissingData.BREACHING,
})

const notSent = (handler: KeeperFunction): AlarmSpec => ({
  id: `${handler.name}-not-sent`,
  runbook: 'events-not-sent',
  sentence: `${handler.name} had events that Kafka did not acknowledge.`,
  metric: handler.countOf('eventsNotSent'),
  threshold: 0,
  // Between two runs there is no data.
  missing: TreatMissingData.NOT_BREACHING,
})

const keepaAlarms = (handler: KeeperFunction, fewTokens: number): AlarmSpec[] => [
  {
    id: `${handler.name}-keepa-tokens`,
    runbook: 'keepa-tokens-low',
    sentence: `${handler.name} left fewer than ${fewTokens} of Keepa's tokens.`,
    metric: handler.countOf('keepaTokensLeft', { statistic: 'Minimum' }),
    threshold: fewTokens,
    comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
    // The last run's value holds until the next run.
    missing: TreatMissingData.IGNORE,
  },
  {
    id: `${handler.name}-keepa-refuses`,
    runbook: 'keepa-refuses',
    sentence: `Keepa refused requests of ${handler.name}: check the payment, the plan, the key and the request.`,
    metric: handler.countOf('keepaRefusals'),
    threshold: 0,
    // Between two runs there is no data.
    missing: TreatMissingData.NOT_BREACHING,
  },
]
