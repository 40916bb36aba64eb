import type { OutputOf } from '../../client/keeper.ts'
import { enableCommand } from '../../client/mappings.ts'
import { previewReset, resetGroup } from '../../client/reset-group.ts'
import type { CommandContext } from '../context.ts'
import { age } from '../output/age.ts'
import { counted } from '../output/plural.ts'
import { type Column, table } from '../output/table.ts'

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
  const nowMs = Date.now()
  if (context.isJson) return context.print(JSON.stringify(found, null, 2))
  context.print(`${found.group}: ${found.state}, ${counted(found.members, 'member')}`)
  context.print(
    table(
      [
        { name: 'TOPIC', cell: ({ topic }) => topic },
        { name: 'PARTITION', cell: ({ partition }) => partition, align: 'right' },
        { name: 'COMMITTED', cell: ({ committed }) => committed, align: 'right' },
        { name: 'END', cell: ({ end }) => end, align: 'right' },
        { name: 'LAG', cell: ({ lag }) => lag, align: 'right' },
        {
          name: 'UNREAD SINCE',
          cell: ({ unreadSince }) => (unreadSince === null ? null : age(unreadSince, nowMs)),
        },
        { name: 'MEMBER', cell: ({ member }) => member, shrinks: true },
      ],
      found.partitions,
      context.width,
    ),
  )
}

/** What `groups reset` takes. */
export interface ResetArguments {
  readonly group: string
  readonly to: string
  readonly partition?: number[]
  readonly dryRun?: boolean
}

/** Shows what a reset would do, and does it once that was confirmed. */
export async function reset(
  context: CommandContext,
  { group, to, partition, dryRun = false }: ResetArguments,
): Promise<void> {
  const keeper = await context.keeper()
  const input = { group, to, ...(partition && { partitions: partition }) }
  const changes = await previewReset(keeper, input)
  if (dryRun && context.isJson) return context.print(JSON.stringify(changes, null, 2))
  const preview = table(RESET_COLUMNS, changes, context.width)
  if (dryRun) return context.print(preview)
  context.say(preview)
  const total = changes.reduce((sum, { redelivered }) => sum + redelivered, 0)
  const effect =
    total < 0 ? `skips ${counted(-total, 'record')}` : `delivers ${counted(total, 'record')} again`
  await context.confirm(`Reset ${group} in ${keeper.title}? It ${effect}.`)

  const {
    changes: made,
    mappings,
    leftDisabled,
  } = await resetGroup(keeper, input, (mapping) =>
    context.say(
      `disabling the mapping ${mapping.uuid}; if this is interrupted, enable it again: ${enableCommand(mapping)}`,
    ),
  )
  if (context.isJson) context.print(JSON.stringify(made, null, 2))
  const reads = mappings.length > 0 ? 'its mapping reads on' : 'no mapping reads with it here'
  context.say(`${group} is reset; ${reads}.`)
  for (const mapping of leftDisabled) {
    context.say(
      `The mapping ${mapping.uuid} was disabled before, and stays so. To enable it: ${enableCommand(mapping)}`,
    )
  }
}

const RESET_COLUMNS: readonly Column<OutputOf<'groups.reset'>['changes'][number]>[] = [
  { name: 'TOPIC', cell: ({ topic }) => topic, shrinks: true },
  { name: 'PARTITION', cell: ({ partition }) => partition, align: 'right' },
  { name: 'OLD', cell: ({ old }) => old, align: 'right' },
  { name: 'NEW', cell: (change) => change.new, align: 'right' },
  { name: 'DELIVERED AGAIN', cell: ({ redelivered }) => redelivered, align: 'right' },
]
