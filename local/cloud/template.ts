import { KeeperError } from '../../lambdas/core/errors.ts'
import { type Resource, resourceId } from './assembly.ts'
import { type AsyncSettings, numberWithin, readAsyncSettings } from './async-settings.ts'
import { type AlarmResource, readAlarm } from './cloudwatch/alarm-resource.ts'
import { type CompositeAlarmResource, readComposite } from './cloudwatch/composite-alarm.ts'
import { type DashboardResource, readDashboard } from './cloudwatch/dashboard-resource.ts'
import { type MappingResource, readMapping } from './mapping/mapping-resource.ts'
import { mappingProblems, notEmulated } from './mapping/mapping-rules.ts'
import { list, number, referenced, text, unreadable } from './properties.ts'
import { readSchedule, type ScheduleResource } from './schedule-resource.ts'

export type { MappingResource } from './mapping/mapping-resource.ts'
export type { ScheduleResource } from './schedule-resource.ts'

/**
 * What an assembly says of the parts that run here. Units are AWS's: seconds and megabytes. Mappings and schedules that
 * are disabled are not among them.
 */
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
  /** What is set and has no effect here, each once: `AWS::Lambda::EventSourceMapping KmsKeyArn`. */
  readonly notEmulated?: readonly string[]
}

/** AWS::MSK::Topic */
export interface TopicResource {
  readonly name: string
  readonly partitions: number
  /** Kafka's topic settings, such as `retention.ms`. */
  readonly configs: Readonly<Record<string, string>>
}

/** AWS::Lambda::Function; `id` names it across stacks. */
export interface FunctionResource {
  readonly id: string
  /** The name by which it is invoked here: its FunctionName, or its place in the construct tree (`price-check`). */
  readonly name: string
  readonly codeDirectory: string
  /** `index.handler`: file and export. */
  readonly handler: string
  readonly timeoutSeconds: number
  readonly memoryMb: number
  /** Values that are not plain texts (references to what exists in AWS only) are undefined. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** How many invocations may run at once: 0 for none, undefined for any number. */
  readonly reservedConcurrency?: number
  readonly asynchronous?: AsyncSettings
}

/**
 * Picks the parts that run here out of an assembly's resources.
 * @throws KeeperError `template_unreadable` naming the resource and property, or `mapping_refused`
 */
export function readTemplate(resources: readonly Resource[]): Template {
  const ofType = (type: string) => resources.filter((resource) => resource.type === type)
  const asynchronous = new Map(ofType('AWS::Lambda::EventInvokeConfig').map(readAsyncSettings))
  const functions = ofType('AWS::Lambda::Function')
    .flatMap(readFunction)
    .map((read) => ({ ...read, asynchronous: asynchronous.get(read.id) }))
  const known = new Set(functions.map(({ id }) => id))
  const mappings = ofType('AWS::Lambda::EventSourceMapping').filter(
    ({ properties }) => properties.Enabled !== false,
  )
  return {
    topics: ofType('AWS::MSK::Topic').map(readTopic),
    functions,
    mappings: mappings.map((resource) => readAcceptedMapping(resource, resources, functions)),
    schedules: ofType('AWS::Scheduler::Schedule')
      .filter(({ properties }) => properties.State !== 'DISABLED')
      .map(readSchedule),
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
    notEmulated: [...new Set(mappings.flatMap(notEmulated))],
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

function readTopic(resource: Resource): TopicResource {
  return {
    name: text(resource, 'TopicName'),
    partitions: number(resource, 'PartitionCount', 1),
    configs: readConfigs(resource),
  }
}

function readConfigs(resource: Resource): Readonly<Record<string, string>> {
  const { Configs: configs } = resource.properties
  if (configs === undefined) return {}
  try {
    const entries = Object.entries(JSON.parse(Buffer.from(String(configs), 'base64').toString('utf8')))
    return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]))
  } catch {
    throw unreadable(resource, 'Configs', configs, 'a JSON object in Base64')
  }
}

/** Node.js functions with code of their own; the CDK's helpers for custom resources are not among them. */
function readFunction(resource: Resource): readonly FunctionResource[] {
  const runtime = resource.properties.Runtime
  const environment = resource.properties.Environment as { Variables?: Record<string, unknown> } | undefined
  if (typeof runtime !== 'string' || !runtime.startsWith('nodejs') || !resource.assetDirectory) return []
  const handler = text(resource, 'Handler')
  if (CDK_HELPER.test(handler)) return []
  return [
    {
      id: resourceId(resource.stack, resource.logicalId),
      name: functionName(resource),
      codeDirectory: resource.assetDirectory,
      handler,
      timeoutSeconds: number(resource, 'Timeout', 3),
      memoryMb: number(resource, 'MemorySize', 128),
      environment: Object.fromEntries(
        Object.entries(environment?.Variables ?? {}).map(([name, value]) => [
          name,
          typeof value === 'string' ? value : undefined,
        ]),
      ),
      reservedConcurrency: numberWithin(resource, 'ReservedConcurrentExecutions', 0, 1_000_000),
    },
  ]
}

/** Handlers of the functions that the CDK adds for its own custom resources: they have work on AWS only. */
export const CDK_HELPER = /^(__entrypoint__|framework)\./

/** The name by which a function is invoked here. */
export function functionName(resource: Resource): string {
  const given = resource.properties.FunctionName
  if (typeof given === 'string') return given
  const segments = resource.path.split('/').slice(1)
  return segments
    .filter((segment, index) => segment !== 'Resource' && segment !== segments[index - 1])
    .join('-')
}

/** @throws KeeperError `mapping_refused` with what AWS refuses of it */
function readAcceptedMapping(
  resource: Resource,
  resources: readonly Resource[],
  functions: readonly FunctionResource[],
): MappingResource {
  const mapping = readMapping(resource, resources)
  const target = functions.find(({ id }) => id === mapping.functionId)
  const problems = mappingProblems(resource, mapping, target?.timeoutSeconds ?? 0)
  if (problems.length === 0) return mapping
  throw new KeeperError(
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
