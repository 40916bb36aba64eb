import { functionArn } from '../cloud/account.ts'
import type { TopicResource } from '../cloud/kafka/topic-resource.ts'
import { functionName } from '../cloud/lambda/function-resource.ts'
import type { Resource } from '../cloud/template/assembly.ts'
import { readTemplate, type Template } from '../cloud/template/template.ts'
import { placeCode } from './code.ts'
import { evaluated } from './evaluated.ts'
import { withFunctionNames } from './function-names.ts'
import { monitoringOf } from './monitoring.ts'
import type { GivenParameters } from './parameters.ts'
import { type Places, References } from './references.ts'
import { selectedStacks } from './selected-stacks.ts'
import { skipped, withoutRuntime } from './skipped.ts'
import { stackOutputs } from './stack-outputs.ts'
import type { Assembly } from './stacks.ts'
import { joinedNotes, type VariableNotes, withVariables } from './variables.ts'

/** How an app's parts run here. */
export interface AppSettings {
  readonly places: Places
  /** Variables that every function gets, in place of the template's. */
  readonly given: Readonly<Record<string, string>>
  /** Takes the functions' code. */
  readonly codeDirectory: string
  readonly parameters?: GivenParameters
  /** The names of the stacks that run; all of them where there is none. */
  readonly stacks?: readonly string[]
}

/** The parts of an app that run here, and what is to be said of the others. */
export interface AppTemplate {
  readonly template: Template
  readonly variables: VariableNotes
  /** Topics that mappings name and the template does not make. */
  readonly addedTopics: readonly string[]
  /** What is not emulated, a line each. */
  readonly skipped: readonly string[]
  /** Functions, mappings and schedules that AWS would run and that do not run here, with why: a sentence each. */
  readonly refused: readonly string[]
  /** Parameters without a value. */
  readonly withoutValue: readonly string[]
}

/** Whether an app wants a Postgres. */
export const hasDatabase = ({ resources }: Assembly): boolean =>
  resources.some(({ type }) => type === 'AWS::RDS::DBInstance' || type === 'AWS::RDS::DBCluster')

/**
 * Makes of any app's assembly what our own gives: resources whose references are resolved, so that the cloud's reader
 * takes them as they are. What cannot run is left out by itself.
 * @throws KeeperError `bad_parameter` or `stack_missing`
 */
export async function readAppTemplate(given: Assembly, settings: AppSettings): Promise<AppTemplate> {
  const { places } = settings
  const created = evaluated(given, settings.parameters ?? {}, places)
  const assembly = withFunctionNames(created.assembly, places)
  const references = new References(assembly, places)
  const selected = selectedStacks(assembly, settings.stacks ?? [])
  const isSelected = ({ stack }: Resource) => selected.has(stack)
  const resources = assembly.resources.filter(isSelected)
  const replaced = (resource: Resource): Resource => ({
    ...resource,
    properties: replacedIn(references, resource),
  })
  const ofType = (type: string) => resources.filter((resource) => resource.type === type)
  const placed = await placeCode(ofType('AWS::Lambda::Function'), settings.codeDirectory)
  const withNotes = placed.map((resource) => withVariables(resource, references, places, settings.given))
  const functions = withNotes.map(({ resource }) =>
    replaced({ ...resource, properties: { ...resource.properties, Code: undefined } }),
  )
  const toFunction = (resource: Resource, value: unknown): Resource | undefined => {
    const named = references.resolve(resource.stack, value)
    return named.known ? placed.find((target) => isNamed(target, named.text)) : undefined
  }

  const byName = ['AWS::Lambda::EventSourceMapping', 'AWS::Lambda::EventInvokeConfig'].flatMap(ofType)
  const targeted = byName.flatMap((resource) => {
    const target = toFunction(resource, resource.properties.FunctionName)
    const isOther = resource.type.endsWith('Mapping') && resource.properties.Topics === undefined
    return target && !isOther ? [withFunction(replaced(resource), target)] : []
  })
  const urls = ofType('AWS::Lambda::Url').flatMap((resource) => {
    const target = toFunction(resource, resource.properties.TargetFunctionArn)
    if (!target) return []
    return [{ ...resource, properties: { ...resource.properties, TargetFunctionArn: referenceTo(target) } }]
  })
  const schedules = ofType('AWS::Scheduler::Schedule').flatMap((resource) => {
    const { Target: to } = resource.properties as { readonly Target?: { readonly Arn?: unknown } }
    const target = toFunction(resource, to?.Arn)
    if (!target) return []
    const { properties } = replaced(resource)
    const Target = { ...(properties.Target as object), Arn: referenceTo(target) }
    return [{ ...resource, properties: { ...properties, Target } }]
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
    ...ofType('AWS::MSK::Topic').map(replaced),
    ...functions,
    ...targeted,
    ...urls,
    ...schedules,
    ...monitoringOf(resources, references),
  ]
  const refused: string[] = created.undecided.filter(isSelected).map(undecidedSentence)
  const read = readTemplate([...running, ...others], ({ message }) => refused.push(message))
  const template = { ...read, topics: distinctTopics(read.topics) }
  const addedTopics = missingTopics(template)
  return {
    template: {
      ...template,
      stacks: stackOutputs(
        { ...assembly, stacks: assembly.stacks.filter(({ name }) => selected.has(name)) },
        references,
      ),
      topics: [...template.topics, ...addedTopics.map((name) => ({ name, partitions: 1, configs: {} }))],
    },
    variables: joinedNotes(withNotes.map(({ notes }) => notes)),
    addedTopics,
    skipped: skipped(resources, running),
    refused: [...refused, ...withoutRuntime(resources, running)],
    withoutValue: created.withoutValue,
  }
}

const undecidedSentence = ({ path, type, condition }: Resource): string =>
  `${path} (${type}): its condition ${condition} depends on what is not known here.`

const isNamed = (target: Resource, text: string): boolean => {
  const name = functionName(target)
  return text === name || text === functionArn(name) || text.startsWith(`${functionArn(name)}:`)
}

const referenceTo = ({ stack, logicalId }: Resource) => ({ Ref: logicalId, Stack: stack })

const withFunction = (resource: Resource, target: Resource): Resource => ({
  ...resource,
  properties: { ...resource.properties, FunctionName: referenceTo(target) },
})

const replacedIn = (references: References, { stack, properties }: Resource): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [name, references.replaced(stack, value)]),
  )

/** Topics of two clusters may have one name; here is one cluster, and its topic has the partitions of both. */
function distinctTopics(topics: readonly TopicResource[]): readonly TopicResource[] {
  const byName = Map.groupBy(topics, ({ name }) => name)
  return [...byName.values()].flatMap(([first, ...others]) =>
    first
      ? [{ ...first, partitions: Math.max(...[first, ...others].map(({ partitions }) => partitions)) }]
      : [],
  )
}

function missingTopics({ topics, mappings }: Template): readonly string[] {
  const made = new Set(topics.map(({ name }) => name))
  const named = mappings.flatMap(({ topic, errorControls }) => {
    const destination = errorControls?.onFailure
    return destination?.kind === 'kafka' ? [topic, destination.topic] : [topic]
  })
  return [...new Set(named)].filter((name) => !made.has(name))
}
