import { CloudError } from '../cloud-error.ts'
import type { StackResource } from '../cloudformation/stack-resource.ts'
import { type AlarmResource, readAlarm } from '../cloudwatch/alarm-resource.ts'
import { type CompositeAlarmResource, readComposite } from '../cloudwatch/composite-alarm.ts'
import { type DashboardResource, readDashboard } from '../cloudwatch/dashboard-resource.ts'
import { type RuleResource, readRule } from '../events/rule-resource.ts'
import { readTopic, type TopicResource } from '../kafka/topic-resource.ts'
import { readAsyncSettings } from '../lambda/async-settings.ts'
import { type FunctionResource, readFunction } from '../lambda/function-resource.ts'
import { readUrl, type UrlResource } from '../lambda/url-resource.ts'
import { type MappingResource, readMapping } from '../mapping/mapping-resource.ts'
import { mappingProblems, notEmulated, undocumented } from '../mapping/mapping-rules.ts'
import { readSchedule, type ScheduleResource } from '../scheduler/schedule-resource.ts'
import { type MailResources, readMailResources } from '../ses/mail-resources.ts'
import { type QueueResource, readQueue } from '../sqs/queue-resource.ts'
import type { Resource } from './assembly.ts'
import { list, referenced, unreadable } from './properties.ts'

/** What an assembly says of the parts that run here. Units are AWS's: seconds and megabytes. */
export interface Template {
  readonly topics: readonly TopicResource[]
  readonly functions: readonly FunctionResource[]
  readonly mappings: readonly MappingResource[]
  readonly schedules: readonly ScheduleResource[]
  /** Functions that a deployment invokes once it has made them (Custom::Trigger), in the template's order. */
  readonly triggers: readonly string[]
  /** Of resources whose references are replaced by what they are here. */
  readonly alarms?: readonly AlarmResource[]
  readonly compositeAlarms?: readonly CompositeAlarmResource[]
  readonly dashboards?: readonly DashboardResource[]
  /** Metrics that filters on logs would make (AWS::Logs::MetricFilter): `namespace name`. */
  readonly logMetrics?: readonly string[]
  readonly queues?: readonly QueueResource[]
  /** Addresses of functions. */
  readonly urls?: readonly UrlResource[]
  readonly mail?: MailResources
  readonly rules?: readonly RuleResource[]
  /** With what their outputs are here. */
  readonly stacks?: readonly StackResource[]
  /** What is set and has no effect here, each once: `AWS::Lambda::EventSourceMapping KmsKeyArn`. */
  readonly notEmulated?: readonly string[]
  /** What AWS's pages exclude and what is done here all the same, a sentence each. */
  readonly undocumented?: readonly string[]
}

/** Takes a resource that cannot run, with why. */
export type Refuse = (error: CloudError, resource: Resource) => void

/**
 * Picks the parts that run here out of an assembly's resources. With `refuse`, one that cannot run is left out, and
 * the others are read all the same.
 * @throws CloudError without `refuse`: `template_unreadable` naming the resource and property, or `mapping_refused`
 */
export function readTemplate(
  resources: readonly Resource[],
  refuse: Refuse = (error) => {
    throw error
  },
): Template {
  const ofType = (type: string) => resources.filter((resource) => resource.type === type)
  const read = <T>(type: string, one: (resource: Resource) => T): T[] =>
    ofType(type).flatMap((resource) => {
      try {
        return [one(resource)]
      } catch (error) {
        if (!(error instanceof CloudError)) throw error
        refuse(error, resource)
        return []
      }
    })
  const asynchronous = new Map(read('AWS::Lambda::EventInvokeConfig', readAsyncSettings))
  const functions = read('AWS::Lambda::Function', readFunction)
    .flat()
    .map((each) => ({ ...each, asynchronous: asynchronous.get(each.id) }))
  const known = new Set(functions.map(({ id }) => id))
  const mappings = read('AWS::Lambda::EventSourceMapping', (resource) => ({
    resource,
    mapping: readAcceptedMapping(resource, resources, functions),
  }))
  return {
    topics: read('AWS::MSK::Topic', readTopic),
    functions,
    mappings: mappings.map(({ mapping }) => mapping),
    schedules: read('AWS::Scheduler::Schedule', (resource) => {
      const schedule = readSchedule(resource)
      if (known.has(schedule.functionId)) return schedule
      throw unreadable(resource, 'Target.Arn', schedule.functionId, 'a function that runs here')
    }),
    triggers: ofType('Custom::Trigger').flatMap((resource) => {
      const id = functionOfVersion(resource, resources)
      return id !== undefined && known.has(id) ? [id] : []
    }),
    alarms: distinct(ofType('AWS::CloudWatch::Alarm'), readAlarm),
    compositeAlarms: distinct(ofType('AWS::CloudWatch::CompositeAlarm'), readComposite),
    dashboards: distinct(ofType('AWS::CloudWatch::Dashboard'), readDashboard),
    logMetrics: ofType('AWS::Logs::MetricFilter').flatMap(({ properties }) =>
      (list(properties.MetricTransformations) as Readonly<Record<string, unknown>>[]).map(
        ({ MetricNamespace: namespace, MetricName: name }) => `${namespace} ${name}`,
      ),
    ),
    queues: ofType('AWS::SQS::Queue').map(readQueue),
    urls: read('AWS::Lambda::Url', readUrl).filter(({ functionId }) => known.has(functionId)),
    mail: readMailResources(resources),
    rules: read('AWS::Events::Rule', readRule).flat(),
    notEmulated: [...new Set(mappings.flatMap(({ resource }) => notEmulated(resource)))],
    undocumented: mappings.flatMap(({ resource, mapping }) => undocumented(resource, mapping)),
  }
}

/** What has the same name as another, as of two stacks of a kind, has its stack's name before its own. */
function distinct<T extends { readonly name: string }>(
  resources: readonly Resource[],
  read: (resource: Resource) => T,
): readonly T[] {
  const all = resources.map((resource) => ({ resource, read: read(resource) }))
  return all.map(({ resource, read: one }) =>
    all.some((other) => other.resource !== resource && other.read.name === one.name)
      ? { ...one, name: `${resource.path.split('/')[0]}-${one.name}` }
      : one,
  )
}

/** @throws CloudError `mapping_refused` with what AWS refuses of it */
function readAcceptedMapping(
  resource: Resource,
  resources: readonly Resource[],
  functions: readonly FunctionResource[],
): MappingResource {
  const mapping = readMapping(resource, resources)
  const target = functions.find(({ id }) => id === mapping.functionId)
  if (!target) throw unreadable(resource, 'FunctionName', mapping.functionId, 'a function that runs here')
  const problems = mappingProblems(resource, mapping, target.timeoutSeconds)
  if (problems.length === 0) return mapping
  throw new CloudError(
    'mapping_refused',
    `${resource.path} (${resource.type}): AWS refuses this mapping: ${problems.join('; ')}.`,
  )
}

/** A trigger names a version of its function, which names the function. */
function functionOfVersion(trigger: Resource, resources: readonly Resource[]): string | undefined {
  const versionId = (trigger.properties.HandlerArn as { Ref?: unknown } | undefined)?.Ref
  const version = resources.find(({ stack, logicalId }) => stack === trigger.stack && logicalId === versionId)
  return version && referenced(version, 'FunctionName')
}
