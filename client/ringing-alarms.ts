import { explained } from './client-error.ts'
import type { Keeper } from './keeper.ts'

/** An alarm that rings. */
export interface RingingAlarm {
  readonly name: string
  /** What is wrong, and the section of the runbook. */
  readonly description: string
  /** ISO 8601. */
  readonly since: string
}

/** The alarms of a Keeper that are in ALARM. */
export async function ringingAlarms(keeper: Keeper): Promise<RingingAlarm[]> {
  const { paginateDescribeAlarms } = await import('@aws-sdk/client-cloudwatch')
  const client = await keeper.aws.cloudWatch()
  const { functionPrefix } = keeper
  const wanted = {
    StateValue: 'ALARM' as const,
    AlarmTypes: ['MetricAlarm' as const, 'CompositeAlarm' as const],
    ...(functionPrefix && { AlarmNamePrefix: functionPrefix }),
  }
  const ringing: RingingAlarm[] = []
  try {
    for await (const { MetricAlarms = [], CompositeAlarms = [] } of paginateDescribeAlarms(
      { client },
      wanted,
    )) {
      for (const { AlarmName = '', AlarmDescription = '', StateTransitionedTimestamp: since } of [
        ...MetricAlarms,
        ...CompositeAlarms,
      ]) {
        ringing.push({ name: AlarmName, description: AlarmDescription, since: since?.toISOString() ?? '' })
      }
    }
  } catch (error) {
    throw explained(error, keeper.title, 'cloudwatch:DescribeAlarms')
  }
  return ringing
}
