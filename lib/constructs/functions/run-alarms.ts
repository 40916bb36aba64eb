import { Duration } from 'aws-cdk-lib'
import { TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { AlarmSpec } from '../monitoring/monitored.ts'

/** A function that uses more of its time than this is near its timeout. */
const NEAR_TIMEOUT = 0.8

export interface RunAlarmsProps {
  readonly timeoutSeconds: number
  /** How long a run may take before it is near its timeout; most of it unless given. */
  readonly nearTimeoutSeconds?: number
}

/** What can go wrong with any function: errors, throttles, and runs that come near the timeout. */
export function runAlarms(
  handler: IFunction & { readonly name: string },
  { timeoutSeconds, nearTimeoutSeconds = Math.floor(timeoutSeconds * NEAR_TIMEOUT) }: RunAlarmsProps,
): AlarmSpec[] {
  const { name } = handler
  const period = Duration.minutes(5)
  // No invocation is no error; that there is none is another alarm's affair.
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
      sentence: `${name} ran for more than ${nearTimeoutSeconds} s of the ${timeoutSeconds} s that it has.`,
      metric: handler.metricDuration({ period, statistic: 'Maximum' }),
      threshold: nearTimeoutSeconds * 1000,
      missing,
    },
  ]
}
