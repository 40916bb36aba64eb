import { setTimeout as sleep } from 'node:timers/promises'
import { ClientError } from '../../client/client-error.ts'
import type { InputOf, Keeper, OutputOf } from '../../client/keeper.ts'
import { wakeNotifier } from '../../client/notifier.ts'
import type { CommandContext } from '../context.ts'
import { gather } from '../output/gather.ts'
import { clean, table } from '../output/table.ts'

export interface AddOptions {
  readonly kind: string
  readonly address: string
  readonly secret?: string
  readonly user?: string
}

type Channel = OutputOf<'channels.remove'>
type Outcome = OutputOf<'channels.outcome'>

/** What is asked for at the prompt; kinds that are not here have no secret. */
const SECRETS: Readonly<Record<string, string>> = {
  webhook: 'Signing secret (whsec_...): ',
  ntfy: 'Access token (empty for an open topic): ',
  slack: "The webhook's address: ",
  discord: "The webhook's address: ",
  telegram: "The bot's token: ",
}

export async function list(context: CommandContext, user?: string): Promise<void> {
  const channels = await gather((await context.keeper()).rows('channels.list', { user }))
  if (context.isJson) return context.print(JSON.stringify(channels, null, 2))
  if (channels.length === 0) return context.say('There are no users yet: keeper users add E-MAIL adds one.')
  context.print(
    table(
      [
        { name: 'ID', cell: ({ id }) => id, align: 'right' },
        { name: 'USER', cell: ({ user: whose }) => whose },
        { name: 'KIND', cell: ({ kind }) => kind },
        { name: 'ADDRESS', cell: ({ address }) => address },
        { name: 'STATE', cell: stateOf, shrinks: true },
      ],
      channels,
      context.width,
    ),
  )
  context.say("A user's own e-mail (without ID) is used where no channel is on.")
}

export async function add(context: CommandContext, { kind, address, user, ...given }: AddOptions) {
  const question = SECRETS[kind]
  const secret = given.secret ?? (question === undefined ? undefined : await context.secret(question))
  const input = { kind, address, user, ...(secret && { secret }) } as InputOf<'channels.add'>
  const channel = await (await context.keeper()).call('channels.add', input)
  if (context.isJson) return context.print(JSON.stringify(channel, null, 2))
  if (!channel.created) {
    return context.say(
      `${described(channel)} already exists, unchanged: keeper channels secret ${channel.id}`,
    )
  }
  context.say(`${described(channel)} was added. Try it: keeper channels test ${channel.id}`)
}

export async function setSecret(context: CommandContext, id: string, given?: string): Promise<void> {
  const secret = given ?? (await context.secret('Secret: '))
  const channel = await (await context.keeper()).call('channels.secret', { id, secret })
  if (context.isJson) return context.print(JSON.stringify(channel, null, 2))
  context.say(`${described(channel)} has a new secret. Try it: keeper channels test ${channel.id}`)
}

/** The notifier's run begins within a second or two; a channel is waited for at most 10 s. */
const POLL_MS = 300
const PATIENCE_MS = 45_000

export async function test(context: CommandContext, which: InputOf<'channels.test'>): Promise<void> {
  const keeper = await context.keeper()
  const { messageId } = await keeper.call('channels.test', which)
  await wakeNotifier(keeper)
  const outcome = await outcomeOf(keeper, messageId)
  if (context.isJson) context.print(JSON.stringify({ messageId, ...outcome }, null, 2))
  else for (const delivery of outcome.deliveries) context.print(sentence(delivery))
  const isSent = outcome.deliveries.length > 0 && outcome.deliveries.every(({ status }) => status === 'SENT')
  if (isSent) return
  throw new ClientError('test_failed', outcome.reason ?? `Message ${messageId} is ${outcome.status}.`)
}

async function outcomeOf(keeper: Keeper, messageId: string): Promise<Outcome> {
  const endMs = Date.now() + PATIENCE_MS
  for (;;) {
    const outcome = await keeper.call('channels.outcome', { messageId })
    const isTried =
      outcome.deliveries.length > 0 && outcome.deliveries.every(({ status }) => status !== 'SENDING')
    if (isTried || outcome.status !== 'PENDING' || Date.now() > endMs) return outcome
    await sleep(POLL_MS)
  }
}

export async function enable(context: CommandContext, which: InputOf<'channels.enable'>): Promise<void> {
  const channel = await (await context.keeper()).call('channels.enable', which)
  if (context.isJson) return context.print(JSON.stringify(channel, null, 2))
  context.say(`${described(channel)} is on.`)
}

export async function remove(context: CommandContext, given: string): Promise<void> {
  const id = given.trim()
  const keeper = await context.keeper()
  const channels = await gather(keeper.rows('channels.list', {}))
  const channel = channels.find((candidate) => candidate.id === id)
  // What is not listed is asked for all the same: somebody may be adding it.
  await context.confirm(`Remove ${channel ? described(channel) : `channel ${id}`} from ${keeper.title}?`)
  const removed = await keeper.call('channels.remove', { id })
  if (context.isJson) return context.print(JSON.stringify(removed, null, 2))
  context.say(`${described(removed)} was removed.`)
}

const stateOf = ({ disabledAt, disabledReason }: Channel): string =>
  disabledAt === null ? 'on' : `off: ${disabledReason ?? 'no reason given'}`

const described = ({ id, kind, address, user }: Channel): string =>
  `${id === null ? 'The e-mail' : `Channel ${id}`} (${kind} ${clean(address)} of ${user})`

function sentence({ kind, address, status, reason, providerId }: Outcome['deliveries'][number]): string {
  const details = [providerId && `id ${providerId}`, reason].filter(Boolean).join(', ')
  return clean(`${kind} ${address}: ${status}${details ? ` (${details})` : ''}`)
}
