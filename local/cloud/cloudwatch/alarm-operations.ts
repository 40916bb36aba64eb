import { readFile } from 'node:fs/promises'
import { alarmArn } from '../account.ts'
import { codeOf } from '../cloud-error.ts'
import type { Operations } from '../protocols/api.ts'
import { Input, pageOf } from '../protocols/input.ts'
import type { AlarmResource } from './alarm-resource.ts'
import type { AlarmStatus } from './alarm-states.ts'
import type { CloudWatch } from './cloudwatch.ts'
import type { CompositeAlarmResource } from './composite-alarm.ts'
import { dimensionList, statisticMembers } from './metric-members.ts'

const INVALID = 'ValidationException'
const BAD_TOKEN = 'InvalidNextToken'
/** Filters that would be ignored. */
const NOT_HERE = ['ActionPrefix', 'ChildrenOfAlarmName', 'ParentsOfAlarmName']

const STATES = ['OK', 'ALARM', 'INSUFFICIENT_DATA'] as const

/**
 * Alarms and the changes of their states. One that is not evaluated here has too little data, and says why.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html
 */
export const alarmOperations = (cloudWatch: CloudWatch): Operations => ({
  DescribeAlarms: (values) => describeAlarms(cloudWatch, new Input(values, INVALID)),
  DescribeAlarmHistory: (values) => describeHistory(cloudWatch, new Input(values, INVALID)),
})

interface Described {
  readonly resource: AlarmResource | CompositeAlarmResource
  readonly status: AlarmStatus
}

function describeAlarms(cloudWatch: CloudWatch, input: Input) {
  const unknown = input.names.find((name) => NOT_HERE.includes(name))
  if (unknown !== undefined) input.refuse(`${unknown} cannot be asked for here.`)
  const names = input.texts('AlarmNames')
  const prefix = input.optionalText('AlarmNamePrefix') ?? ''
  const state = input.word('StateValue', STATES)
  // As AWS does: composite ones are left out unless they are asked for.
  const types = input.texts('AlarmTypes') ?? ['MetricAlarm']
  const found = alarmsOf(cloudWatch).filter(
    ({ resource, status }) =>
      (names === undefined || names.length === 0 || names.includes(resource.name)) &&
      resource.name.startsWith(prefix) &&
      (state === undefined || status.state === state) &&
      types.includes(typeOf(resource)),
  )
  const size = input.integer('MaxRecords', 1, 100) ?? 50
  const { items, next } = pageOf(found, size, input.optionalText('NextToken'), BAD_TOKEN)
  return {
    MetricAlarms: items.flatMap(({ resource, status }) =>
      'alarmRule' in resource ? [] : [{ ...members(cloudWatch, status), ...metricAlarm(resource) }],
    ),
    CompositeAlarms: items.flatMap(({ resource, status }) =>
      'alarmRule' in resource ? [{ ...members(cloudWatch, status), AlarmRule: resource.alarmRule }] : [],
    ),
    NextToken: next,
  }
}

function alarmsOf(cloudWatch: CloudWatch): readonly Described[] {
  const statuses = new Map(cloudWatch.alarms.map((status) => [status.name, status]))
  const reasons = new Map(cloudWatch.notEvaluated.map(({ name, reason }) => [name, reason]))
  const described = cloudWatch.alarmResources.map((resource): Described => {
    const { name, description } = resource
    const status = statuses.get(name) ?? {
      ...{ name, description, state: 'INSUFFICIENT_DATA' as const, sinceMs: cloudWatch.startedMs },
      reason: `Not evaluated here: ${reasons.get(name)}`,
    }
    return { resource, status }
  })
  return described.sort((a, b) => (a.resource.name < b.resource.name ? -1 : 1))
}

const typeOf = (resource: Described['resource']): string =>
  'alarmRule' in resource ? 'CompositeAlarm' : 'MetricAlarm'

const members = ({ startedMs }: CloudWatch, { name, description, state, reason, sinceMs }: AlarmStatus) => ({
  AlarmName: name,
  AlarmArn: alarmArn(name),
  AlarmDescription: description,
  AlarmConfigurationUpdatedTimestamp: new Date(startedMs),
  ActionsEnabled: true,
  OKActions: [],
  AlarmActions: [],
  InsufficientDataActions: [],
  StateValue: state,
  StateReason: reason,
  StateUpdatedTimestamp: new Date(sinceMs),
  StateTransitionedTimestamp: new Date(sinceMs),
})

/** One metric is the alarm's own; several, and expressions, are a list. */
function metricAlarm(alarm: AlarmResource) {
  const { metrics, expressions, watched, periodSeconds } = alarm
  const only = Object.keys(expressions).length === 0 ? metrics[watched] : undefined
  const rule = {
    EvaluationPeriods: alarm.evaluationPeriods,
    DatapointsToAlarm: alarm.datapointsToAlarm,
    Threshold: alarm.threshold,
    ComparisonOperator: alarm.comparison,
    TreatMissingData: alarm.missing,
  }
  if (only) {
    const { namespace, name, dimensions } = only.metric
    return {
      ...rule,
      Namespace: namespace,
      MetricName: name,
      Dimensions: dimensionList(dimensions),
      Period: periodSeconds,
      ...statisticMembers(only.statistic),
    }
  }
  return {
    ...rule,
    Metrics: [
      ...Object.entries(metrics).map(([id, { metric, statistic }]) => ({
        Id: id,
        MetricStat: {
          Metric: {
            Namespace: metric.namespace,
            MetricName: metric.name,
            Dimensions: dimensionList(metric.dimensions),
          },
          Period: periodSeconds,
          Stat: statistic,
        },
        ReturnData: id === watched,
      })),
      ...Object.entries(expressions).map(([id, expression]) => ({
        Id: id,
        Expression: expression,
        Period: periodSeconds,
        ReturnData: id === watched,
      })),
    ],
  }
}

/** A line of the alarms' log. */
interface AlarmEvent {
  readonly time: string
  readonly detail: {
    readonly alarmName: string
    readonly state: { readonly value: string; readonly reason: string }
    readonly previousState: { readonly value: string; readonly reason: string }
  }
}

async function describeHistory(cloudWatch: CloudWatch, input: Input) {
  const name = input.optionalText('AlarmName')
  const type = input.word('HistoryItemType', [
    'ConfigurationUpdate',
    'StateUpdate',
    'Action',
    'AlarmContributorStateUpdate',
    'AlarmContributorAction',
  ])
  const fromMs = input.timeMs('StartDate') ?? 0
  const toMs = input.timeMs('EndDate') ?? Number.POSITIVE_INFINITY
  const oldestFirst =
    input.word('ScanBy', ['TimestampDescending', 'TimestampAscending']) === 'TimestampAscending'
  const types = input.texts('AlarmTypes') ?? ['MetricAlarm', 'CompositeAlarm']
  const typesByName = new Map(cloudWatch.alarmResources.map((resource) => [resource.name, typeOf(resource)]))
  const events = (await readEvents(cloudWatch.alarmsLog)).filter(({ time, detail: { alarmName } }) => {
    const atMs = Date.parse(time)
    return (
      (name === undefined || alarmName === name) &&
      (type ?? 'StateUpdate') === 'StateUpdate' &&
      types.includes(typesByName.get(alarmName) ?? 'MetricAlarm') &&
      atMs >= fromMs &&
      atMs <= toMs
    )
  })
  const size = input.integer('MaxRecords', 1, 100) ?? 100
  const ordered = oldestFirst ? events : events.reverse()
  const { items, next } = pageOf(ordered, size, input.optionalText('NextToken'), BAD_TOKEN)
  return {
    AlarmHistoryItems: items.map(({ time, detail: { alarmName, state, previousState } }) => ({
      AlarmName: alarmName,
      AlarmType: typesByName.get(alarmName) ?? 'MetricAlarm',
      Timestamp: new Date(time),
      HistoryItemType: 'StateUpdate',
      HistorySummary: `Alarm updated from ${previousState.value} to ${state.value}`,
      HistoryData: JSON.stringify({
        version: '1.0',
        oldState: { stateValue: previousState.value, stateReason: previousState.reason },
        newState: { stateValue: state.value, stateReason: state.reason },
      }),
    })),
    NextToken: next,
  }
}

async function readEvents(file: string): Promise<AlarmEvent[]> {
  try {
    const lines = (await readFile(file, 'utf8')).split('\n')
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as AlarmEvent)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}
