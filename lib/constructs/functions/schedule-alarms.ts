import { Duration } from 'aws-cdk-lib'
import { ComparisonOperator, type Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import type { IQueue } from 'aws-cdk-lib/aws-sqs'
import type { AlarmSpec } from '../monitoring/monitored.ts'
import type { KeeperFunction } from './keeper-function.ts'

const HOUR = Duration.hours(1)

/** How long silence is accepted: the interval plus one period, which is an hour, or 5 minutes for shorter intervals. */
function patienceWith(interval: Duration): { period: Duration; periods: number; sentence: string } {
  const period = interval.toSeconds() < HOUR.toSeconds() ? Duration.minutes(5) : HOUR
  const periods = Math.ceil(interval.toSeconds() / period.toSeconds()) + 1
  const sentence = period === HOUR ? `${periods} hours` : `${periods * period.toMinutes()} minutes`
  return { period, periods, sentence }
}

/** Goes off if a count stays at 0 longer than a schedule's interval allows. */
export function silenceAlarm(
  { name }: KeeperFunction,
  interval: Duration,
  what: { readonly runbook: string; readonly hasNot: string; countOver(period: Duration): Metric },
): AlarmSpec {
  const { period, periods, sentence } = patienceWith(interval)
  return {
    id: `${name}-silent`,
    runbook: what.runbook,
    sentence: `${name} ${what.hasNot} for ${sentence}, longer than its schedule allows.`,
    metric: what.countOver(period),
    threshold: 1,
    comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
    periods,
    // Missing data is what the alarm is about.
    missing: TreatMissingData.BREACHING,
  }
}

/** Goes off if a function's schedule does not start it. */
export const noRunsAlarm = (handler: KeeperFunction, interval: Duration): AlarmSpec =>
  silenceAlarm(handler, interval, {
    runbook: 'no-run',
    hasNot: 'has not run',
    countOver: (period) => handler.metricInvocations({ period, statistic: 'Sum' }),
  })

/** In alarm while a run that did not start, or failed, is in the queue. */
export const failedRunsAlarm = ({ name }: KeeperFunction, queue: IQueue): AlarmSpec => ({
  id: `${name}-failed-runs`,
  runbook: 'failed-runs',
  sentence: `Runs of ${name} that did not start or failed are in its dead-letter queue.`,
  metric: queue.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum' }),
  threshold: 0,
  // SQS stops reporting a queue that has not been used for hours: it is empty, or was inspected before.
  missing: TreatMissingData.IGNORE,
})
