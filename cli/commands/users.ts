import { ClientError } from '../../client/client-error.ts'
import type { InputOf, OutputOf } from '../../client/keeper.ts'
import type { CommandContext } from '../context.ts'
import { gather } from '../output/gather.ts'
import { counted } from '../output/plural.ts'
import { clean, table } from '../output/table.ts'

export async function list(context: CommandContext): Promise<void> {
  const users = await gather((await context.keeper()).rows('users.list', {}))
  if (context.isJson) return context.print(JSON.stringify(users, null, 2))
  if (users.length === 0) return context.say('There are no users yet: keeper users add E-MAIL adds one.')
  context.print(
    table(
      [
        { name: 'USER', cell: ({ email }) => email, shrinks: true },
        { name: 'WATCHES', cell: ({ watches }) => watches, align: 'right' },
        { name: 'FILTERS', cell: ({ filters }) => filters, align: 'right' },
        { name: 'REPORTS', cell: ({ reports }) => reports, align: 'right' },
        { name: 'SINCE', cell: ({ createdAt }) => createdAt.slice(0, 10) },
      ],
      users,
      context.width,
    ),
  )
}

export async function add(context: CommandContext, email: string): Promise<void> {
  const result = await (await context.keeper()).call('users.add', { email })
  if (context.isJson) return context.print(JSON.stringify(result, null, 2))
  context.say(result.created ? `${result.email} was added.` : `${result.email} already exists.`)
}

export async function show(context: CommandContext, email?: string): Promise<void> {
  const user = await (await context.keeper()).call('users.show', { email: whose(email) })
  if (context.isJson) return context.print(JSON.stringify(user, null, 2))
  context.print(
    lines([
      ['user', user.email],
      ['since', user.createdAt.slice(0, 10)],
      ['watches', String(user.watches)],
      ['filters', String(user.filters)],
      ['reports', String(user.reports)],
      ...toldLines(user),
    ]),
  )
}

/** Without an address, the only user's, or KEEPER_USER's. */
export async function set(
  context: CommandContext,
  wanted: {
    readonly email?: string
    readonly locale?: string
    readonly timeZone?: string
    readonly quiet?: string
    readonly digest?: string
  },
): Promise<void> {
  const { email, ...changes } = wanted
  if (Object.values(changes).every((change) => change === undefined)) {
    throw new ClientError('usage', 'Name what to set: --locale, --time-zone, --quiet or --digest.')
  }
  const user = await (await context.keeper()).call('users.set', { ...changes, email: whose(email) })
  if (context.isJson) return context.print(JSON.stringify(user, null, 2))
  context.print(lines([['user', user.email], ...toldLines(user)]))
}

export const mute = (context: CommandContext, wanted: Muting): Promise<void> =>
  setMuted(context, 'users.mute', wanted)

export const unmute = (context: CommandContext, wanted: Muting): Promise<void> =>
  setMuted(context, 'users.unmute', wanted)

export interface Muting {
  readonly email?: string
  readonly kind: string
}

async function setMuted(
  context: CommandContext,
  name: 'users.mute' | 'users.unmute',
  { email, kind }: Muting,
): Promise<void> {
  const wanted = { email: whose(email), kind: kind as InputOf<'users.mute'>['kind'] }
  const user = await (await context.keeper()).call(name, wanted)
  if (context.isJson) return context.print(JSON.stringify(user, null, 2))
  const muted = user.muted.length > 0 ? `is not sent: ${user.muted.join(', ')}` : 'is sent everything'
  context.say(`${user.email} ${muted}${user.changed ? '' : ' (as before)'}.`)
}

const whose = (email: string | undefined): string | undefined => email ?? process.env.KEEPER_USER

function toldLines(told: Omit<OutputOf<'users.set'>, 'email'>): string[][] {
  return [
    ['locale', told.locale],
    ['time zone', told.timeZone],
    ['quiet', told.quiet ?? 'never'],
    ['digest', told.digest === null ? 'none: alerts are told at once' : `each day at ${told.digest}`],
    ['muted', told.muted.join(', ') || 'nothing'],
    ...(told.emailDisabledReason === null ? [] : [['e-mail', `off: ${told.emailDisabledReason}`]]),
    ...told.channels.map(({ kind, address, disabledAt, disabledReason }) => [
      'channel',
      `${kind} ${clean(address)}${disabledAt ? ` (off since ${disabledAt}: ${clean(disabledReason ?? '')})` : ''}`,
    ]),
  ]
}

const lines = (rows: readonly (readonly string[])[]): string =>
  rows.map(([name = '', value = '']) => `${name.padEnd(9)} ${value}`).join('\n')

export async function remove(context: CommandContext, email: string): Promise<void> {
  const keeper = await context.keeper()
  const user: OutputOf<'users.show'> = await keeper.call('users.show', { email })
  const owned = [
    counted(user.watches, 'watch', 'watches'),
    counted(user.filters, 'filter'),
    counted(user.reports, 'report'),
  ].join(', ')
  await context.confirm(
    `Remove ${user.email} from ${keeper.title}, with ${owned} and all alerts and messages?`,
  )
  const result = await keeper.call('users.remove', { email: user.email })
  if (context.isJson) return context.print(JSON.stringify(result, null, 2))
  context.say(`${result.email} was removed, with ${owned}.`)
}
