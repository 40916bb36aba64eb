import type { Output, Stack } from '@aws-sdk/client-cloudformation'
import { nearest } from '../lambdas/operator/nearest.ts'
import { ClientError, explained } from './client-error.ts'
import type { Keeper } from './keeper.ts'

/** What AWS calls the parts of a Keeper, by the names that people use, such as `price-check`. */
export interface Parts {
  readonly functions: ReadonlyMap<string, string>
  readonly schedules: ReadonlyMap<string, string>
  /** Queues of failed runs, by the name of the function. */
  readonly failedRuns: ReadonlyMap<string, string>
}

/** The stacks whose outputs name them: lib/pipeline-stack.ts, lib/notification-stack.ts and lib/operations-stack.ts. */
const STACKS: readonly string[] = ['pipeline', 'notification', 'operations']

/** Reads what the stacks say: an output's key ends with the kind, its description is the name. */
export async function partsOf(keeper: Keeper): Promise<Parts> {
  const outputs = await outputsOf(keeper)
  const named = (kind: string) =>
    new Map(
      outputs.flatMap(({ OutputKey = '', OutputValue = '', Description }) =>
        OutputKey.endsWith(kind) && Description !== undefined ? [[Description, OutputValue]] : [],
      ),
    )
  return { functions: named('function'), schedules: named('schedule'), failedRuns: named('failedruns') }
}

/**
 * What AWS calls the part that a person names; its own name is taken too.
 * @throws ClientError `no_such_<kind>` with names like it
 */
export function partNamed(
  parts: ReadonlyMap<string, string>,
  kind: 'function' | 'schedule',
  given: string,
): { readonly name: string; readonly awsName: string } {
  const found = [...parts].find(([name, awsName]) => name === given || awsName === given)
  if (found) return { name: found[0], awsName: found[1] }
  const hint =
    parts.size === 0 ? 'there is none' : `did you mean ${nearest(given, [...parts.keys()]).join(' or ')}?`
  throw new ClientError(`no_such_${kind}`, `There is no ${kind} "${given}"; ${hint}`)
}

/** What stacks say of themselves: those with functions, unless others are named. */
export const outputsOf = async (keeper: Keeper, stacks = STACKS): Promise<readonly Output[]> =>
  (await stacksOf(keeper, stacks)).flatMap((stack) => stack.Outputs ?? [])

async function stacksOf(keeper: Keeper, parts: readonly string[]): Promise<Stack[]> {
  const { DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation')
  const client = await keeper.aws.cloudFormation()
  const { stage } = keeper
  const describe = async (StackName?: string) => {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName }))
    return Stacks
  }
  try {
    if (stage !== undefined) {
      return (await Promise.all(parts.map((part) => describe(`keeper-${stage}-${part}`)))).flat()
    }
    const all = await describe()
    return parts.flatMap((part) => all.filter(({ StackName }) => StackName?.endsWith(`-${part}`)))
  } catch (error) {
    throw explained(error, keeper.title, 'cloudformation:DescribeStacks')
  }
}
