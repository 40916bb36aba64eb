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
  if (isCdkHelper(resource)) return []
  const handler = text(resource, 'Handler')
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

/** Handlers and places of the functions that the CDK adds for its own custom resources. */
const HELPER_HANDLER = /^(__entrypoint__|framework)\./
const HELPER_PLACE =
  /^(Custom::|AWS679f53fac002430cb0da5b7982bd2287|LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8a|BucketNotificationsHandler050a0587b7544547bf325f094a3db834)/

/** Whether a function is one of the CDK's own, for its custom resources: these have work on AWS only. */
export const isCdkHelper = ({ properties, path }: Resource): boolean =>
  HELPER_HANDLER.test(String(properties.Handler)) ||
  path.split('/').some((segment) => HELPER_PLACE.test(segment))

/** The name by which a function is invoked here. */
export function functionName(resource: Resource): string {
  const given = resource.properties.FunctionName
  if (typeof given === 'string') return given
  const segments = resource.path.split('/').slice(1)
  return segments
    .filter((segment, index) => segment !== 'Resource' && segment !== segments[index - 1])
    .join('-')
}
