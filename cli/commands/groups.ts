import type { CommandContext } from '../context.ts'
import { table } from '../output/table.ts'

export async function list(context: CommandContext): Promise<void> {
  const groups = await (await context.keeper()).call('groups.list', {})
  if (context.isJson) return context.print(JSON.stringify(groups, null, 2))
  context.print(
    table(
      [
        { name: 'GROUP', cell: ({ group }) => group, shrinks: true },
        { name: 'STATE', cell: ({ state }) => state },
        { name: 'MEMBERS', cell: ({ members }) => members, align: 'right' },
      ],
      groups,
      context.width,
    ),
  )
}

export async function describe(context: CommandContext, group: string): Promise<void> {
  const found = await (await context.keeper()).call('groups.describe', { group })
  if (context.isJson) return context.print(JSON.stringify(found, null, 2))
  context.print(`${found.group}: ${found.state}, ${found.members} members`)
  context.print(
    table(
      [
        { name: 'TOPIC', cell: ({ topic }) => topic },
        { name: 'PARTITION', cell: ({ partition }) => partition, align: 'right' },
        { name: 'COMMITTED', cell: ({ committed }) => committed, align: 'right' },
        { name: 'END', cell: ({ end }) => end, align: 'right' },
        { name: 'LAG', cell: ({ lag }) => lag, align: 'right' },
        { name: 'MEMBER', cell: ({ member }) => member, shrinks: true },
      ],
      found.partitions,
      context.width,
    ),
  )
}
