import { ClientError } from '../../client/client-error.ts'
import type { OutputOf } from '../../client/keeper.ts'
import type { CommandContext } from '../context.ts'
import { counted } from '../output/plural.ts'

type State = OutputOf<'notifier.show'>

export async function show(context: CommandContext): Promise<void> {
  const state = await (await context.keeper()).call('notifier.show', {})
  if (context.isJson) return context.print(JSON.stringify(state, null, 2))
  const { waitsSince, confirmedAt } = state
  context.print(
    [
      waitsSince === null
        ? 'The notifier tells people.'
        : `The notifier has waited since ${waitsSince}: this database was restored, or moved.`,
      ...(confirmedAt === null ? [] : [`It was last confirmed at ${confirmedAt}.`]),
      ...waiting(state),
    ].join('\n'),
  )
}

const waiting = ({ alerts, messages }: State): readonly string[] => [
  alerts.pending === 0
    ? 'No alert waits.'
    : `${counted(alerts.pending, 'alert')} of ${alerts.users === 1 ? '1 person' : `${alerts.users} people`} ${alerts.pending === 1 ? 'waits' : 'wait'}, of prices from ${alerts.from} to ${alerts.to}.`,
  messages.pending === 0
    ? 'No message waits.'
    : `${counted(messages.pending, 'message')} ${messages.pending === 1 ? 'waits' : 'wait'}, made from ${messages.from} to ${messages.to}.`,
]

/** Asks first, with what people would be told, some of it perhaps once more. */
export async function confirm(context: CommandContext, toldUntil?: Date): Promise<void> {
  const keeper = await context.keeper()
  const state = await keeper.call('notifier.show', {})
  if (state.waitsSince === null) {
    throw new ClientError('not_waiting', 'The notifier does not wait for anybody: nothing was changed.')
  }
  const until = toldUntil?.toISOString()
  const what = until === undefined ? 'All of it is told.' : `What is of before ${until} is not told again.`
  await context.confirm(`${waiting(state).join(' ')} ${what} Go on?`)
  const done = await keeper.call('notifier.confirm', { toldUntil: until })
  if (context.isJson) return context.print(JSON.stringify(done, null, 2))
  context.say('The notifier tells people again, with its next run.')
}
