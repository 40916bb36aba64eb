import { mappingUuid } from '../account.ts'
import type { MappingResource } from '../mapping/mapping-resource.ts'
import type { ScheduleResource } from '../scheduler/schedule-resource.ts'
import type { Template } from '../template/template.ts'
import { KAFKA_METRICS, KAFKA_TOPIC_METRICS } from './kafka-metrics.ts'
import { FUNCTION_UNITS } from './lambda-metrics.ts'
import { mappingMetricNames } from './mapping-metrics.ts'
import type { MetricId } from './metric-store.ts'
import { SCHEDULER_METRICS } from './scheduler-metrics.ts'

/** What runs here and publishes metrics. */
export interface Publishers {
  readonly functions: readonly string[]
  readonly mappings: readonly MappingResource[]
  readonly schedules: readonly ScheduleResource[]
  /** By the names of the folders that stand for them. */
  readonly queues: readonly string[]
  /** Metrics of filters on logs, which do not run here: `namespace name`. */
  readonly logMetrics: readonly string[]
}

export const publishersOf = (template: Template): Publishers => ({
  functions: template.functions.map(({ name }) => name),
  mappings: template.mappings,
  schedules: template.schedules,
  queues: queuesOf(template),
  logMetrics: template.logMetrics ?? [],
})

/** What failed runs, records and deliveries are sent to. */
function queuesOf({ functions, mappings, schedules }: Template): readonly string[] {
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

type Publishes = (metric: MetricId, here: Publishers) => boolean

const BY_NAMESPACE: Readonly<Record<string, Publishes>> = {
  'AWS/Lambda': ({ name, dimensions }, { functions, mappings }) => {
    const { FunctionName: functionName, EventSourceMappingUUID: uuid } = dimensions
    if (uuid !== undefined) {
      return mappings.some(
        (mapping) => mappingUuid(mapping.name) === uuid && mappingMetricNames(mapping).includes(name),
      )
    }
    const isKnown = Object.hasOwn(FUNCTION_UNITS, name) || (name === 'OffsetLag' && mappings.length > 0)
    return isKnown && (functionName === undefined || functions.includes(functionName))
  },
  'AWS/Kafka': ({ name, dimensions }, { mappings }) => {
    const { 'Consumer Group': group, Topic: topic, 'Broker ID': broker } = dimensions
    if (broker !== undefined) return false
    if (group === undefined && topic === undefined) return KAFKA_METRICS.includes(name)
    return (
      KAFKA_TOPIC_METRICS.includes(name) &&
      mappings.some((mapping) => mapping.topic === topic && mapping.consumerGroupId === group)
    )
  },
  'AWS/SQS': ({ name, dimensions: { QueueName: queue = '' } }, { queues }) =>
    name === 'ApproximateNumberOfMessagesVisible' && queues.includes(queue),
  'AWS/Scheduler': ({ name, dimensions: { ScheduleGroup: group } }, { schedules }) =>
    SCHEDULER_METRICS.some((metric) => metric === name) &&
    (group === undefined || schedules.some((schedule) => (schedule.group ?? 'default') === group)),
}

/**
 * Whether something here can publish a metric. Those of namespaces that are not AWS's own come from what functions
 * print.
 */
export function isPublished(metric: MetricId, here: Publishers): boolean {
  const publishes = BY_NAMESPACE[metric.namespace]
  if (publishes) return publishes(metric, here)
  const { namespace, name } = metric
  return !namespace.startsWith('AWS/') && !here.logMetrics.includes(`${namespace} ${name}`)
}
