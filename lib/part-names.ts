import { CfnOutput } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import type { ScheduledFunction } from './constructs/functions/scheduled-function.ts'

/** Says by an output what AWS calls something; the description is the name that people use (client/parts.ts). */
export function namePart(
  scope: Construct,
  name: string,
  what: 'function' | 'schedule' | 'failed-runs',
  value: string,
): void {
  new CfnOutput(scope, `${name}-${what}`, { value, description: name })
}

/** The names of a scheduled function's queue and schedules. */
export function nameSchedules(scope: Construct, { node, failedRuns, schedules }: ScheduledFunction): void {
  namePart(scope, node.id, 'failed-runs', failedRuns.queueName)
  for (const [name, { scheduleName }] of schedules) namePart(scope, name, 'schedule', scheduleName)
}
