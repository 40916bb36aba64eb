import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CloudError, messageOf } from '../cloud-error.ts'

/**
 * A cloud assembly as `cdk synth` leaves it: the resources of all its stacks, by type.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/
 */
export interface Resource {
  readonly stack: string
  readonly logicalId: string
  readonly type: string
  readonly properties: Readonly<Record<string, unknown>>
  /** `aws:cdk:path`, such as `keeper-dev-pipeline/price-check/price-check/Resource`. */
  readonly path: string
  /** Where the resource's asset lies, for one that has an asset. */
  readonly assetDirectory: string | undefined
  /** The name of the condition under which it is made, for one that has a condition. */
  readonly condition?: string | undefined
}

/** Names a resource across stacks. */
export const resourceId = (stack: string, logicalId: string): string => `${stack}/${logicalId}`

/**
 * Reads the templates of a cloud assembly.
 * @throws CloudError `assembly_unreadable` naming the directory and what to do
 */
export async function readAssembly(directory: string): Promise<readonly Resource[]> {
  try {
    const names = (await readdir(directory)).filter((name) => name.endsWith('.template.json')).sort()
    if (names.length === 0) throw new Error('it holds no *.template.json')
    const stacks = await Promise.all(names.map((name) => readStack(directory, name)))
    return stacks.flat()
  } catch (error) {
    throw new CloudError(
      'assembly_unreadable',
      `${directory} is no cloud assembly (${messageOf(error)}). \`npx cdk synth --output DIR\` makes one.`,
      { cause: error },
    )
  }
}

interface TemplateResource {
  readonly Type: string
  readonly Properties?: Readonly<Record<string, unknown>>
  readonly Metadata?: Readonly<Record<string, unknown>>
  readonly Condition?: string
}

async function readStack(directory: string, name: string): Promise<Resource[]> {
  const stack = name.replace(/\.template\.json$/, '')
  const template = JSON.parse(await readFile(join(directory, name), 'utf8')) as {
    readonly Resources?: Readonly<Record<string, TemplateResource>>
  }
  return Object.entries(template.Resources ?? {}).map(([logicalId, resource]) => {
    const asset = resource.Metadata?.['aws:asset:path']
    const path = resource.Metadata?.['aws:cdk:path']
    return {
      stack,
      logicalId,
      type: resource.Type,
      properties: resource.Properties ?? {},
      path: typeof path === 'string' ? path : `${stack}/${logicalId}`,
      assetDirectory: typeof asset === 'string' ? join(directory, asset) : undefined,
      condition: resource.Condition,
    }
  })
}
