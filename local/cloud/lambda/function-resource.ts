import { type Resource, resourceId } from '../template/assembly.ts'
import { number, numberWithin, text } from '../template/properties.ts'
import type { AsyncSettings } from './async-settings.ts'

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

/** Node.js functions with code of their own; the CDK's helpers for custom resources are not among them. */
export function readFunction(resource: Resource): readonly FunctionResource[] {
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
