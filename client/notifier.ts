import { ClientError, explained } from './client-error.ts'
import type { Keeper } from './keeper.ts'
import { partsOf } from './parts.ts'

/**
 * Starts a run of the notifier, which would else come within a minute. Its end is not waited for.
 * @throws ClientError where it cannot be invoked
 */
export async function wakeNotifier(keeper: Keeper): Promise<void> {
  const name = (await partsOf(keeper)).functions.get('notifier')
  if (name === undefined) {
    throw new ClientError('not_deployed', `${keeper.title} has no notifier: deploy this version of Keeper.`)
  }
  const { InvokeCommand } = await import('@aws-sdk/client-lambda')
  const client = await keeper.aws.lambda()
  await client
    .send(new InvokeCommand({ FunctionName: name, InvocationType: 'Event' }))
    .catch((error: unknown) => {
      throw explained(error, keeper.title, name)
    })
}
