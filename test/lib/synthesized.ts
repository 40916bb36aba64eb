import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Template } from 'aws-cdk-lib/assertions'
import { keeper, keeperApp } from '../../bin/keeper.ts'
import type { SizeProfile } from '../../lib/config.ts'
import { recordOf } from '../../lib/deployed-stage.ts'
import { readSettings } from '../../lib/settings.ts'
import { runDir } from '../helpers/engines.ts'

/** The sender of every synthesis that names no other. */
export const MAIL_FROM = 'keeper@example.com'

/** Settings with search. */
export const SEARCHED = { search: 'on' } as const

type Stacks = ReturnType<typeof keeper>
/** The stacks that there always are. */
export type StackName = Exclude<keyof Stacks, 'search'>
export type Templates = Readonly<Record<StackName, Template>> & { readonly search?: Template }

/**
 * Keeper with `context`, built but not synthesized: its functions not bundled, its templates not checked against
 * CloudFormation's rules, which takes seconds (test/bin/keeper.test.ts does both).
 */
export function build(
  context: Readonly<Record<string, unknown>> = {},
  changes: Partial<SizeProfile> = {},
  { isRecorded = false }: { readonly isRecorded?: boolean } = {},
): Stacks {
  const app = keeperApp({
    builtinCloudFormationValidation: false,
    context: {
      'aws:cdk:bundling-stacks': [],
      // Where each resource was declared, which no template says.
      'aws:cdk:disable-creation-stack-traces': true,
      // Warnings are the command line's to print.
      '@aws-cdk/core:annotationsInValidationReport': false,
      mailFrom: MAIL_FROM,
      ...context,
    },
  })
  const settings = readSettings(app.node, {})
  return keeper(app, {
    ...settings,
    profile: { ...settings.profile, ...changes },
    deployed: isRecorded ? recordOf(settings) : undefined,
  })
}

const synthesized = new Map<string, Templates>()

/** The templates of one size, synthesized once for all files of a jest run. */
export function templatesOf(size: string, context: Readonly<Record<string, unknown>> = {}): Templates {
  const key = JSON.stringify([size, context])
  const known = synthesized.get(key)
  if (known) return known
  const templates = kept(`templates-${createHash('sha256').update(key).digest('hex')}.json`, () =>
    templatesIn(build({ size, ...context })),
  )
  synthesized.set(key, templates)
  return templates
}

/** The templates in a file of this jest run; written by whoever needs them first. */
function kept(name: string, make: () => Templates): Templates {
  const file = join(runDir(), name)
  if (existsSync(file)) {
    const written: Record<string, Record<string, unknown>> = JSON.parse(readFileSync(file, 'utf8'))
    return mapValues(written, (template) => Template.fromJSON(template)) as Templates
  }
  const templates = make()
  mkdirSync(runDir(), { recursive: true })
  const whole = `${file}.${process.pid}`
  writeFileSync(whole, JSON.stringify(mapValues(templates, (template) => template.toJSON())))
  renameSync(whole, file)
  return templates
}

const mapValues = <Value, Made>(
  values: Readonly<Record<string, Value>>,
  make: (value: Value) => Made,
): Record<string, Made> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, make(value)]))

/** The templates of the size small with these parts of its profile changed. */
export const templatesWith = (changes: Partial<SizeProfile>): Templates =>
  templatesIn(build({ size: 'small' }, changes))

export const templatesIn = ({
  network,
  data,
  pipeline,
  operations,
  notification,
  search,
  monitoring,
}: Stacks): Templates => ({
  ...(search && { search: Template.fromStack(search) }),
  network: Template.fromStack(network),
  data: Template.fromStack(data),
  pipeline: Template.fromStack(pipeline),
  operations: Template.fromStack(operations),
  notification: Template.fromStack(notification),
  monitoring: Template.fromStack(monitoring),
})

export interface Resource {
  readonly Type: string
  readonly Properties: Record<string, unknown>
  readonly DeletionPolicy?: string
  readonly UpdateReplacePolicy?: string
  readonly DependsOn?: readonly string[]
  readonly Metadata?: Readonly<Record<string, string>>
}

/** The resources of a type by the path of their construct, without the stack: `price-consumer/price-consumer/Resource`. */
export function resourcesByPath(template: Template, type?: string): Map<string, Resource> {
  const resources: Record<string, Resource> = template.toJSON().Resources
  return new Map(
    Object.values(resources)
      .filter((resource) => type === undefined || resource.Type === type)
      .map((resource) => [resource.Metadata?.['aws:cdk:path']?.replace(/^[^/]+\//, '') ?? '', resource]),
  )
}

/** The one resource of `type` whose construct's path starts with `path`. */
export function resourceAt(template: Template, type: string, path: string): Resource {
  const found = [...resourcesByPath(template, type)].filter(([candidate]) => candidate.startsWith(path))
  const [first] = found
  if (found.length !== 1 || !first) throw new Error(`${found.length} resources of ${type} at ${path}`)
  return first[1]
}

interface Widget {
  readonly properties: {
    readonly title?: string
    readonly metrics?: readonly (string | object)[][]
    readonly alarms?: readonly string[]
  }
}

/** The widgets of a dashboard; what is only known at deploy time is the logical id of where it comes from. */
export function widgetsOf(template: Template, dashboard: string): readonly Widget['properties'][] {
  const { DashboardBody } = resourceAt(template, 'AWS::CloudWatch::Dashboard', `${dashboard}-dashboard/`)
    .Properties as { DashboardBody: { 'Fn::Join': [string, unknown[]] } }
  const text = DashboardBody['Fn::Join'][1]
    .map((part) => (typeof part === 'string' ? part : idOf(part)))
    .join('')
  const { widgets }: { widgets: Widget[] } = JSON.parse(text)
  return widgets.map(({ properties }) => properties)
}

function idOf(reference: unknown): string {
  const [value] = Object.values(reference as Record<string, unknown>)
  return String([value].flat()[0])
}

/** `{ action: resource }` of a function's own policy; ARNs of other stacks shortened to what tells them apart. */
export function grantsOf(template: Template, functionName: string): Record<string, string> {
  const policy = resourceAt(template, 'AWS::IAM::Policy', `${functionName}/${functionName}-role/`)
  const { Statement } = policy.Properties.PolicyDocument as {
    Statement: { Action: string | string[]; Effect: string; Resource: unknown }[]
  }
  return Object.fromEntries(
    Statement.flatMap(({ Action, Effect, Resource }) =>
      [Action].flat().map((action) => [`${Effect} ${action}`, shortArn(Resource)]),
    ),
  )
}

const NETWORK_INTERFACES = [
  'CreateNetworkInterface',
  'DescribeNetworkInterfaces',
  'DescribeSubnets',
  'DeleteNetworkInterface',
  'AssignPrivateIpAddresses',
  'UnassignPrivateIpAddresses',
  'DescribeVpcs',
  'DescribeSecurityGroups',
]

/** What every function may do: write its own log group and its traces. */
export const ownLogsOf = (functionName: string): Record<string, string> => {
  const logGroup = `<${functionName.repeat(2).replaceAll('-', '')}logs.Arn>`
  return {
    'Allow logs:CreateLogStream': logGroup,
    'Allow logs:PutLogEvents': logGroup,
    'Allow xray:PutTraceSegments': '*',
    'Allow xray:PutTelemetryRecords': '*',
  }
}

/** What Lambda does for a function inside the network, and the function's own code may not. */
export const OWN_NETWORK_INTERFACES: Readonly<Record<string, string>> = Object.fromEntries(
  ['Allow', 'Deny'].flatMap((effect) =>
    NETWORK_INTERFACES.map((action) => [`${effect} ec2:${action}`, '*'] as const),
  ),
)

/** A readable form of an ARN that is put together at deploy time. */
function shortArn(arn: unknown): string {
  if (typeof arn === 'string') return arn
  if (Array.isArray(arn)) return arn.map(shortArn).join(' ')
  const [[name, value] = ['', '']] = Object.entries(arn as Record<string, unknown>)
  if (name === 'Fn::Join') return (value as [string, unknown[]])[1].map(shortArn).join('')
  if (name === 'Fn::Select') {
    const [index, from] = value as [number, { 'Fn::Split': [string, unknown] }]
    return `<${index} of ${shortArn(from['Fn::Split'][1])}>`
  }
  if (name === 'Ref') return `<${value}>`
  if (name === 'Fn::GetAtt') return `<${(value as string[]).join('.').replace(/[0-9A-F]{8}/, '')}>`
  if (name === 'Fn::ImportValue') {
    return `<${String(value)
      .replace(/^.*ExportsOutput(FnGetAtt|Ref)/, '')
      .replace(/[0-9A-F]{8}/g, '')}>`
  }
  return JSON.stringify(arn)
}
