import { Duration } from 'aws-cdk-lib'
import { TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { AlarmSpec } from '../monitoring/monitored.ts'

/** A function that uses more than this part of its timeout is close to it. */
const NEAR_TIMEOUT = 0.8

export interface RunAlarmsProps {
  readonly timeoutSeconds: number
  /** The duration from which a run is close to its timeout; most of the timeout by default. */
  readonly nearTimeoutSeconds?: number
}

/** The alarms of any function: errors, throttles, and runs close to the timeout. */
export function runAlarms(
  handler: IFunction & { readonly name: string },
  { timeoutSeconds, nearTimeoutSeconds = Math.floor(timeoutSeconds * NEAR_TIMEOUT) }: RunAlarmsProps,
): AlarmSpec[] {
  const { name } = handler
  const period = Duration.minutes(5)
  // Without an invocation there is no error; another alarm watches for missing invocations.
  const missing = TreatMissingData.NOT_BREACHING
  return [
    {
      id: `${name}-errors`,
      runbook: 'function-errors',
      sentence: `${name} failed.`,
      metric: handler.metricErrors({ period, statistic: 'Sum' }),
      threshold: 0,
      missing,
    },
    {
      id: `${name}-throttles`,
      runbook: 'function-throttled',
      sentence: `Lambda refused to start ${name} because too many functions ran at once.`,
      metric: handler.metricThrottles({ period, statistic: 'Sum' }),
      threshold: 0,
      missing,
    },
    {
      id: `${name}-duration`,
      runbook: 'function-near-its-timeout',
      sentence: `${name} ran for more than ${nearTimeoutSeconds} s of its timeout of ${timeoutSeconds} s.`,
      metric: handler.metricDuration({ period, statistic: 'Maximum' }),
      threshold: nearTimeoutSeconds * 1000,
      missing,
    },
  ]
}
