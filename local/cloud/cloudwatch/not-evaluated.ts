import { messageOf } from '../cloud-error.ts'
import type { AlarmResource } from './alarm-resource.ts'
import { type CompositeAlarmResource, ruleHolds } from './composite-alarm.ts'
import type { MetricId } from './metric-store.ts'
import { isPublished, type Publishers } from './published.ts'
import { valuesOf } from './queries.ts'

/** An alarm that nothing here can decide. */
export interface NotEvaluated {
  readonly name: string
  readonly reason: string
}

/** Holds nothing: an expression that can be computed of it can be computed. */
const EMPTY = { read: () => [] }

/** The alarms that nothing here can decide, with why; a composite alarm of one of them is among them. */
export function notEvaluated(
  alarms: readonly AlarmResource[],
  composites: readonly CompositeAlarmResource[],
  here: Publishers,
): readonly NotEvaluated[] {
  const left = alarms.flatMap((alarm) =>
    because(alarm.name, alarm.problem ?? unpublished(alarm, here) ?? incomputable(alarm)),
  )
  for (let before = -1; before !== left.length; ) {
    before = left.length
    const names = new Set([...alarms, ...composites].map(({ name }) => name))
    for (const { name } of left) names.delete(name)
    const more = composites.filter(({ name }) => names.has(name))
    left.push(...more.flatMap(({ name, alarmRule }) => because(name, undecided(alarmRule, names))))
  }
  return left
}

const because = (name: string, reason: string | undefined): NotEvaluated[] =>
  reason === undefined ? [] : [{ name, reason }]

function undecided(alarmRule: string, names: ReadonlySet<string>): string | undefined {
  try {
    ruleHolds(alarmRule, (name) => (names.has(name) ? 'OK' : undefined))
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}

function unpublished({ metrics }: AlarmResource, here: Publishers): string | undefined {
  const missing = Object.values(metrics).find(({ metric }) => !isPublished(metric, here))
  return missing && `nothing here publishes ${nameOf(missing.metric)}`
}

function incomputable(alarm: AlarmResource): string | undefined {
  const { periodSeconds, watched } = alarm
  try {
    const several = valuesOf(EMPTY, alarm, watched, { periods: [0], periodSeconds }).length > 1
    return several ? 'its expression makes several series' : undefined
  } catch (error) {
    return messageOf(error)
  }
}

/** Clusters and databases are told apart by names that only AWS has. */
const nameOf = ({ namespace, name, dimensions }: MetricId): string =>
  /^AWS\/(Lambda|SQS|Scheduler)$/.test(namespace)
    ? [namespace, name, ...Object.values(dimensions)].join(' ')
    : `${namespace} ${name}`
