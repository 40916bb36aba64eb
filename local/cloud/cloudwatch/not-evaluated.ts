import { messageOf } from '../../../lambdas/core/errors.ts'
import type { Template } from '../template.ts'
import type { AlarmResource } from './alarm-resource.ts'
import type { NotEvaluated } from './cloudwatch.ts'
import type { MetricId } from './metric-store.ts'
import { isPublished } from './published.ts'
import { valuesOf } from './queries.ts'

/** Holds nothing: an expression that can be computed of it can be computed. */
const EMPTY = { read: () => [] }

/** The alarm, with why nothing here can decide it, or nothing. */
export function notEvaluated(alarm: AlarmResource, template: Template): readonly NotEvaluated[] {
  const reason = alarm.problem ?? unpublished(alarm, template) ?? incomputable(alarm)
  return reason === undefined ? [] : [{ name: alarm.name, reason }]
}

function unpublished({ metrics }: AlarmResource, template: Template): string | undefined {
  const here = {
    functions: template.functions.map(({ name }) => name),
    mappings: template.mappings,
    schedules: template.schedules,
    queues: queuesOf(template),
  }
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

/** The folders that stand for queues: what failed runs, records and deliveries are sent to. */
export function queuesOf({ functions, mappings, schedules }: Template): readonly string[] {
  const names = [
    ...functions.flatMap(({ asynchronous }) => [asynchronous?.onFailure, asynchronous?.onSuccess]),
    ...mappings.map(({ errorControls }) => {
      const destination = errorControls?.onFailure
      return destination?.kind === 'sqs' ? destination.name : undefined
    }),
    ...schedules.map(({ deadLetterQueue }) => deadLetterQueue),
  ]
  return [...new Set(names.filter((name) => name !== undefined))]
}

const nameOf = ({ namespace, name, dimensions }: MetricId): string =>
  [`${namespace} ${name}`, ...Object.values(dimensions)].join(' ')
