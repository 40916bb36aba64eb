import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Resource, readAssembly } from '../cloud/template/assembly.ts'

/** What an assembly says besides its resources, by which references between and into stacks are resolved. */
export interface Stack {
  /** As resources name it: its template's file. */
  readonly name: string
  /** As CloudFormation names it. */
  readonly stackName: string
  /** As `cdk list` names it: `Prod/shop` for one of a stage. */
  readonly displayName?: string | undefined
  readonly outputs: Readonly<
    Record<
      string,
      {
        readonly Value?: unknown
        readonly Description?: unknown
        readonly Export?: { Name?: unknown }
        readonly Condition?: string
      }
    >
  >
  readonly parameters: Readonly<Record<string, Parameter>>
  readonly mappings?: Mappings
  readonly conditions?: Readonly<Record<string, unknown>>
}

/** A parameter as a template declares it. */
export interface Parameter {
  readonly Type?: string
  readonly Default?: unknown
  readonly AllowedValues?: readonly unknown[]
}

/** Fixed values by two keys, for Fn::FindInMap. */
export type Mappings = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>

/** A cloud assembly of any CDK app. */
export interface Assembly {
  readonly stacks: readonly Stack[]
  readonly resources: readonly Resource[]
}

/**
 * Reads an assembly, those of its stages included. Where an app was synthesized without the CDK's command line, its
 * templates say neither paths nor assets of resources: the files beside them do.
 * @throws KeeperError `assembly_unreadable`
 */
export async function readApp(directory: string): Promise<Assembly> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => [])
  const stages = entries.filter((entry) => entry.isDirectory() && entry.name.startsWith('assembly-'))
  const ofStages = await Promise.all(stages.map(({ name }) => readApp(join(directory, name))))
  const hasStacks = entries.some(({ name }) => name.endsWith('.template.json'))
  const own = hasStacks || stages.length === 0 ? await readOwn(directory) : { stacks: [], resources: [] }
  return {
    stacks: [own, ...ofStages].flatMap(({ stacks }) => stacks),
    resources: [own, ...ofStages].flatMap(({ resources }) => resources),
  }
}

async function readOwn(directory: string): Promise<Assembly> {
  const resources = await readAssembly(directory)
  const files = (await readdir(directory)).sort()
  const names = files.flatMap((file) => /^(.+)\.template\.json$/.exec(file)?.[1] ?? [])
  const manifest = await json<Manifest>(directory, 'manifest.json')
  const assets = await Promise.all(
    files.filter((file) => file.endsWith('.assets.json')).map((file) => json<Assets>(directory, file)),
  )
  const sources = new Map(
    assets.flatMap(({ files: of }) =>
      Object.entries(of ?? {}).map(([hash, { source }]) => [hash, source?.path] as const),
    ),
  )
  const paths = new Map<string, string>()
  for (const name of names) {
    const inFile = await json<Metadata>(directory, `${name}.metadata.json`)
    for (const [path, told] of Object.entries(manifest.artifacts?.[name]?.metadata ?? inFile)) {
      const logicalId = told.find(({ type }) => type === 'aws:cdk:logicalId')?.data
      if (typeof logicalId === 'string') paths.set(`${name} ${logicalId}`, path.replace(/^\//, ''))
    }
  }
  const stacks = names.map(async (name): Promise<Stack> => {
    const template = await json<{
      Outputs?: Stack['outputs']
      Parameters?: Stack['parameters']
      Mappings?: Mappings
      Conditions?: Stack['conditions']
    }>(directory, `${name}.template.json`)
    return {
      name,
      stackName: manifest.artifacts?.[name]?.properties?.stackName ?? name,
      displayName: manifest.artifacts?.[name]?.displayName,
      outputs: template.Outputs ?? {},
      parameters: template.Parameters ?? {},
      mappings: template.Mappings ?? {},
      conditions: template.Conditions ?? {},
    }
  })
  return {
    stacks: await Promise.all(stacks),
    resources: resources.map((resource) => {
      const hash = /^([0-9a-f]{64})\b/.exec(String(codeOf(resource).S3Key ?? ''))?.[1]
      const source = hash === undefined ? undefined : sources.get(hash)
      const unnamed = resource.path === `${resource.stack}/${resource.logicalId}`
      const path = paths.get(`${resource.stack} ${resource.logicalId}`)
      return {
        ...resource,
        path: unnamed && path ? path : resource.path,
        assetDirectory: resource.assetDirectory ?? (source ? join(directory, source) : undefined),
      }
    }),
  }
}

/** A function's Code property. */
export const codeOf = ({ properties }: Resource): { readonly S3Key?: unknown; readonly ZipFile?: unknown } =>
  (properties.Code as { S3Key?: unknown; ZipFile?: unknown } | undefined) ?? {}

type Metadata = Readonly<Record<string, readonly { readonly type?: string; readonly data?: unknown }[]>>

interface Manifest {
  readonly artifacts?: Readonly<
    Record<
      string,
      {
        readonly properties?: { readonly stackName?: string }
        readonly displayName?: string
        readonly metadata?: Metadata
      }
    >
  >
}

interface Assets {
  readonly files?: Readonly<Record<string, { readonly source?: { readonly path?: string } }>>
}

/** An empty object where there is no such file. */
async function json<T extends object>(directory: string, file: string): Promise<T> {
  try {
    return JSON.parse(await readFile(join(directory, file), 'utf8')) as T
  } catch {
    return {} as T
  }
}
