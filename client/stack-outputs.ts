import { ClientError, explained } from './client-error.ts'
import type { Keeper } from './keeper.ts'

/**
 * The outputs of one of a Keeper's stacks, `notification`, by their keys.
 * @throws ClientError `not_deployed` where there is no such stack
 */
export async function outputsOf(keeper: Keeper, part: string): Promise<ReadonlyMap<string, string>> {
  const { paginateDescribeStacks } = await import('@aws-sdk/client-cloudformation')
  const client = await keeper.aws.cloudFormation()
  // A local run has one stage, whose name nobody gave.
  const name = keeper.stage === undefined ? undefined : `keeper-${keeper.stage}-${part}`
  try {
    for await (const { Stacks = [] } of paginateDescribeStacks({ client }, { StackName: name })) {
      const stack = Stacks.find(({ StackName = '' }) => StackName.endsWith(`-${part}`))
      if (!stack) continue
      return new Map(
        (stack.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
      )
    }
  } catch (error) {
    if (!/does not exist/.test((error as Error).message)) {
      throw explained(error, keeper.title, 'cloudformation:DescribeStacks')
    }
  }
  throw new ClientError(
    'not_deployed',
    `${keeper.title} has no stack ${part}: deploy this version of Keeper.`,
  )
}
