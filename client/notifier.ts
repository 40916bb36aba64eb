import { ClientError } from './client-error.ts'
import { invokeAndWait, invokeLater } from './invoke.ts'
import type { Keeper } from './keeper.ts'
import { partNamed, partsOf } from './parts.ts'

/**
 * Starts a run of the notifier, which would otherwise come within a minute. Does not wait for its end.
 * @throws ClientError where it cannot be invoked
 */
export async function wakeNotifier(keeper: Keeper): Promise<void> {
  await invokeLater(keeper, await notifierOf(keeper), '{}')
}

/**
 * Has a message that failed sent again, or one that waits sent now, by the notifier's own rules; waits for its run.
 * @returns how many alerts or messages that were
 * @throws ClientError `nothing_to_send`
 */
export async function sendAgain(keeper: Keeper, message: string): Promise<number> {
  const report = await invokeAndWait(keeper, await notifierOf(keeper), JSON.stringify({ sendAgain: message }))
  const { sentAgain = 0 } = (report ?? {}) as { readonly sentAgain?: number }
  if (sentAgain > 0) return sentAgain
  throw new ClientError(
    'nothing_to_send',
    `Nothing of message ${message} is to be sent again: it was sent meanwhile, or a newer alert tells the newer price.`,
  )
}

const notifierOf = async (keeper: Keeper) =>
  partNamed((await partsOf(keeper)).functions, 'function', 'notifier')
