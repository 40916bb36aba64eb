import type { OutputOf } from '../../client/keeper.ts'
import type { CommandContext } from '../context.ts'
import { gather } from '../output/gather.ts'
import { counted } from '../output/plural.ts'
import { table } from '../output/table.ts'

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

export async function remove(context: CommandContext, email: string): Promise<void> {
  const keeper = await context.keeper()
  const user: OutputOf<'users.show'> = await keeper.call('users.show', { email })
  const owned = [
    counted(user.watches, 'watch', 'watches'),
    counted(user.filters, 'filter'),
    counted(user.reports, 'report'),
  ].join(', ')
  await context.confirm(`Remove ${user.email} from ${keeper.title}, with ${owned} and all alerts?`)
  const result = await keeper.call('users.remove', { email: user.email })
  if (context.isJson) return context.print(JSON.stringify(result, null, 2))
  context.say(`${result.email} was removed, with ${owned}.`)
}
