import { messageOf } from '../../../lambdas/core/errors.ts'
import type { AlarmResource } from './alarm-resource.ts'
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

/** The alarm, with why nothing here can decide it, or nothing. */
export function notEvaluated(alarm: AlarmResource, here: Publishers): readonly NotEvaluated[] {
  const reason = alarm.problem ?? unpublished(alarm, here) ?? incomputable(alarm)
  return reason === undefined ? [] : [{ name: alarm.name, reason }]
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
