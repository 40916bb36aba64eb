import { invokeLater } from './invoke.ts'
import type { Keeper } from './keeper.ts'
import { partNamed, partsOf } from './parts.ts'

/**
 * Starts a run of the notifier, which would otherwise come within a minute. Does not wait for its end.
 * @throws ClientError where it cannot be invoked
 */
export async function wakeNotifier(keeper: Keeper): Promise<void> {
  const named = partNamed((await partsOf(keeper)).functions, 'function', 'notifier')
  await invokeLater(keeper, named, '{}')
}
