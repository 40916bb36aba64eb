import { functionArn } from '../cloud/account.ts'
import { functionName } from '../cloud/lambda/function-resource.ts'
import type { Resource } from '../cloud/template/assembly.ts'
import { list } from '../cloud/template/properties.ts'
import { readTemplate, type Template } from '../cloud/template/template.ts'
import { placeCode } from './code.ts'
import { monitoringOf } from './monitoring.ts'
import { type Places, References } from './references.ts'
import { skipped } from './skipped.ts'
import { stackOutputs } from './stack-outputs.ts'
import type { Assembly } from './stacks.ts'
import { type MissingVariable, withVariables } from './variables.ts'

/** How an app's parts run here. */
export interface AppSettings {
  readonly places: Places
  /** Variables that every function gets, in place of the template's. */
  readonly given: Readonly<Record<string, string>>
  /** Takes the functions' code. */
  readonly codeDirectory: string
}

/** The parts of an app that run here, and what is to be said of the others. */
export interface AppTemplate {
  readonly template: Template
  readonly missing: readonly MissingVariable[]
  /** Topics that mappings name and the template does not make. */
  readonly addedTopics: readonly string[]
  /** What is not emulated, a line each. */
  readonly skipped: readonly string[]
}

/** Whether an app wants a Postgres. */
export const hasDatabase = ({ resources }: Assembly): boolean =>
  resources.some(({ type }) => type === 'AWS::RDS::DBInstance' || type === 'AWS::RDS::DBCluster')

/**
 * Makes of any app's assembly what our own gives: resources whose references are resolved, so that the cloud's reader
 * takes them as they are.
 * @throws KeeperError as readTemplate
 */
export async function readAppTemplate(assembly: Assembly, settings: AppSettings): Promise<AppTemplate> {
  const references = new References(assembly, settings.places)
  const ofType = (type: string) => assembly.resources.filter((resource) => resource.type === type)
  const placed = await placeCode(ofType('AWS::Lambda::Function'), settings.codeDirectory)
  const functions = placed.map((resource) =>
    withVariables(resource, references, settings.places, settings.given),
  )
  const toFunction = (resource: Resource, value: unknown): Resource | undefined => {
    const named = references.resolve(resource.stack, value)
    return named.known ? placed.find((target) => isNamed(target, named.text)) : undefined
  }

  const topics = ofType('AWS::MSK::Topic').map((resource) => ({
    ...resource,
    properties: replacedIn(references, resource),
  }))
  const byName = ['AWS::Lambda::EventSourceMapping', 'AWS::Lambda::EventInvokeConfig'].flatMap(ofType)
  const targeted = byName.flatMap((resource) => {
    const target = toFunction(resource, resource.properties.FunctionName)
    const isOther = resource.type.endsWith('Mapping') && list(resource.properties.Topics).length === 0
    return target && !isOther ? [withFunction(references, resource, target)] : []
  })
  const urls = ofType('AWS::Lambda::Url').flatMap((resource) => {
    const target = toFunction(resource, resource.properties.TargetFunctionArn)
    const arn = target && { 'Fn::GetAtt': [target.logicalId, 'Arn'] }
    return target
      ? [{ ...resource, stack: target.stack, properties: { ...resource.properties, TargetFunctionArn: arn } }]
      : []
  })
  const schedules = ofType('AWS::Scheduler::Schedule').flatMap((resource) => {
    const given = resource.properties.Target as { readonly Arn?: unknown } | undefined
    const target = toFunction(resource, given?.Arn)
    if (!target) return []
    const { Target: replaced, ...properties } = replacedIn(references, resource)
    const arn = { 'Fn::GetAtt': [target.logicalId, 'Arn'] }
    return [
      {
        ...resource,
        stack: target.stack,
        properties: { ...properties, Target: { ...(replaced as object), Arn: arn } },
      },
    ]
  })
  const others = [
    'AWS::Lambda::Version',
    'Custom::Trigger',
    'AWS::S3::Bucket',
    'AWS::SQS::Queue',
    'AWS::SNS::Topic',
    'AWS::Logs::MetricFilter',
  ].flatMap(ofType)
  const running = [
    ...topics,
    ...functions.map(({ resource }) => resource),
    ...targeted,
    ...urls,
    ...schedules,
    ...monitoringOf(assembly.resources, references),
  ]
  const template = readTemplate([...running, ...others])
  const addedTopics = missingTopics(template)
  return {
    template: {
      ...template,
      stacks: stackOutputs(assembly, references),
      topics: [...template.topics, ...addedTopics.map((name) => ({ name, partitions: 1, configs: {} }))],
    },
    missing: functions.flatMap(({ missing }) => missing),
    addedTopics,
    skipped: skipped(assembly.resources, running),
  }
}

const isNamed = (target: Resource, text: string): boolean => {
  const name = functionName(target)
  return text === name || text === functionArn(name) || text.startsWith(`${functionArn(name)}:`)
}

/** A mapping or setting of a function beside its function, wherever it was, with Kafka's group as MSK has it. */
function withFunction(references: References, resource: Resource, target: Resource): Resource {
  const properties = replacedIn(references, resource)
  const { SelfManagedKafkaEventSourceConfig: selfManaged } = properties
  return {
    ...resource,
    stack: target.stack,
    properties: {
      ...(selfManaged === undefined ? {} : { AmazonManagedKafkaEventSourceConfig: selfManaged }),
      ...properties,
      FunctionName: { Ref: target.logicalId },
    },
  }
}

const replacedIn = (references: References, { stack, properties }: Resource): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [name, references.replaced(stack, value)]),
  )

function missingTopics({ topics, mappings }: Template): readonly string[] {
  const made = new Set(topics.map(({ name }) => name))
  const named = mappings.flatMap(({ topic, errorControls }) => {
    const destination = errorControls?.onFailure
    return destination?.kind === 'kafka' ? [topic, destination.topic] : [topic]
  })
  return [...new Set(named)].filter((name) => !made.has(name))
}
