import type { MetricAlarm, StateValue } from '@aws-sdk/client-cloudwatch'
import { nearest } from '../lambdas/operator/nearest.ts'
import { ClientError, explained } from './client-error.ts'
import type { Keeper } from './keeper.ts'

/** An alarm of this Keeper. */
export interface AlarmSummary {
  readonly name: string
  readonly state: StateValue
  /** When its state became that; ISO 8601. */
  readonly since: string | null
  readonly reason: string
  /** What it means, in a sentence. */
  readonly description: string
  /** The address of the runbook's section, with its `#anchor`. */
  readonly runbook: string | null
}

/** A change of an alarm's state. */
export interface AlarmChange {
  readonly at: string | null
  readonly from: string
  readonly to: string
  readonly reason: string
}

const ORDER: readonly StateValue[] = ['ALARM', 'INSUFFICIENT_DATA', 'OK']

/** All alarms of a Keeper: those that are on first, then those without data; the newest change first. */
export async function listAlarms(keeper: Keeper): Promise<AlarmSummary[]> {
  const { paginateDescribeAlarms } = await import('@aws-sdk/client-cloudwatch')
  const client = await keeper.aws.cloudWatch()
  const alarms: AlarmSummary[] = []
  try {
    const query = { AlarmNamePrefix: prefixOf(keeper) }
    for await (const { MetricAlarms = [] } of paginateDescribeAlarms({ client }, query)) {
      alarms.push(...MetricAlarms.map(summaryOf))
    }
  } catch (error) {
    throw explained(error, keeper.title, 'cloudwatch:DescribeAlarms')
  }
  return alarms.toSorted(
    (a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || (b.since ?? '').localeCompare(a.since ?? ''),
  )
}

/**
 * Changes of an alarm's state, the newest first. CloudWatch keeps 30 days of them.
 * @throws ClientError `no_such_alarm` with names like it
 */
export async function alarmHistory(keeper: Keeper, name: string): Promise<AlarmChange[]> {
  const { paginateDescribeAlarmHistory } = await import('@aws-sdk/client-cloudwatch')
  const names = (await listAlarms(keeper)).map((alarm) => alarm.name)
  if (!names.includes(name)) {
    const hint = names.length > 0 ? `; did you mean ${nearest(name, names).join(' or ')}?` : '.'
    throw new ClientError('no_such_alarm', `There is no alarm "${name}"${hint}`)
  }
  const client = await keeper.aws.cloudWatch()
  const changes: AlarmChange[] = []
  try {
    const query = { AlarmName: name, HistoryItemType: 'StateUpdate' as const }
    for await (const { AlarmHistoryItems = [] } of paginateDescribeAlarmHistory({ client }, query)) {
      for (const { Timestamp, HistoryData = '{}' } of AlarmHistoryItems) {
        const { oldState, newState } = JSON.parse(HistoryData) as Readonly<Record<string, HistoryState>>
        changes.push({
          at: Timestamp?.toISOString() ?? null,
          from: oldState?.stateValue ?? '',
          to: newState?.stateValue ?? '',
          reason: newState?.stateReason ?? '',
        })
      }
    }
  } catch (error) {
    throw explained(error, keeper.title, 'cloudwatch:DescribeAlarmHistory')
  }
  return changes
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html */
interface HistoryState {
  readonly stateValue?: string
  readonly stateReason?: string
}

/** CloudFormation makes an alarm's name of the stack's; this machine has one Keeper. */
const prefixOf = ({ stage }: Keeper): string | undefined =>
  stage === undefined ? undefined : `keeper-${stage}-monitoring-`

/** A description is a sentence and the address of a section: lib/monitoring-stack.ts. */
function summaryOf(alarm: MetricAlarm): AlarmSummary {
  const { AlarmName = '', StateValue = 'INSUFFICIENT_DATA', StateReason = '', AlarmDescription = '' } = alarm
  const since = alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp
  const [, description, runbook] = /^(.*?)(?:\s+(\S+#\S+))?$/s.exec(AlarmDescription) ?? []
  return {
    name: AlarmName,
    state: StateValue,
    since: since?.toISOString() ?? null,
    reason: StateReason,
    description: description ?? '',
    runbook: runbook ?? null,
  }
}
