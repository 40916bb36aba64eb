import { ClientError, explained } from './client-error.ts'
import { invokeAndWait } from './invoke.ts'
import type { Keeper } from './keeper.ts'
import { partsOf } from './parts.ts'

/**
 * Starts a run of the notifier, which would else come within a minute. Its end is not waited for.
 * @throws ClientError where it cannot be invoked
 */
export async function wakeNotifier(keeper: Keeper): Promise<void> {
  const name = await notifierOf(keeper)
  const { InvokeCommand } = await import('@aws-sdk/client-lambda')
  const client = await keeper.aws.lambda()
  await client
    .send(new InvokeCommand({ FunctionName: name, InvocationType: 'Event' }))
    .catch((error: unknown) => {
      throw explained(error, keeper.title, name)
    })
}

/**
 * Has a message that failed sent again, or one that waits sent now, by the notifier's own rules; waits for its run.
 * @returns how many alerts or messages that were
 * @throws ClientError `nothing_to_send`
 */
export async function sendAgain(keeper: Keeper, message: string): Promise<number> {
  const named = { name: 'notifier', awsName: await notifierOf(keeper) }
  const report = await invokeAndWait(keeper, named, JSON.stringify({ sendAgain: message }))
  const { sentAgain = 0 } = (report ?? {}) as { readonly sentAgain?: number }
  if (sentAgain > 0) return sentAgain
  throw new ClientError(
    'nothing_to_send',
    `Nothing of message ${message} is to be sent again: it was sent meanwhile, or a newer alert tells the newer price.`,
  )
}

async function notifierOf(keeper: Keeper): Promise<string> {
  const name = (await partsOf(keeper)).functions.get('notifier')
  if (name !== undefined) return name
  throw new ClientError('not_deployed', `${keeper.title} has no notifier: deploy this version of Keeper.`)
}
