import type { OutputOf } from '../../client/keeper.ts'
import type { CommandContext } from '../context.ts'
import { table } from '../output/table.ts'

export async function list(context: CommandContext): Promise<void> {
  const topics = await (await context.keeper()).call('topics.list', {})
  if (context.isJson) return context.print(JSON.stringify(topics, null, 2))
  context.print(
    table(
      [
        { name: 'TOPIC', cell: ({ topic }) => topic, shrinks: true },
        { name: 'PARTITIONS', cell: ({ partitions }) => partitions, align: 'right' },
        { name: 'REPLICAS', cell: ({ replicas }) => replicas, align: 'right' },
        { name: 'RECORDS', cell: ({ records }) => records, align: 'right' },
      ],
      topics,
      context.width,
    ),
  )
}

export async function describe(context: CommandContext, topic: string): Promise<void> {
  const found = await (await context.keeper()).call('topics.describe', { topic })
  if (context.isJson) return context.print(JSON.stringify(found, null, 2))
  const settings = Object.entries(found.config).map(([name, value]) => `${name}=${value}`)
  context.print(`${found.topic}${settings.length > 0 ? `: ${settings.join(', ')}` : ''}`)
  context.print(
    table(
      [
        { name: 'PARTITION', cell: ({ partition }) => partition, align: 'right' },
        { name: 'LEADER', cell: ({ leader }) => leader, align: 'right' },
        { name: 'REPLICAS', cell: ({ replicas }) => replicas.join(',') },
        { name: 'IN SYNC', cell: ({ inSync }) => inSync.join(',') },
        { name: 'START', cell: ({ start }) => start, align: 'right' },
        { name: 'END', cell: ({ end }) => end, align: 'right' },
      ],
      found.partitions,
      context.width,
    ),
  )
}

export async function count(context: CommandContext, topic: string): Promise<void> {
  const found = await (await context.keeper()).call('topics.count', { topic })
  if (context.isJson) return context.print(JSON.stringify(found, null, 2))
  const partitions: OutputOf<'topics.count'>['partitions'] = found.partitions
  context.print(
    table(
      [
        { name: 'PARTITION', cell: ({ partition }) => partition, align: 'right' },
        { name: 'START', cell: ({ start }) => start, align: 'right' },
        { name: 'END', cell: ({ end }) => end, align: 'right' },
        { name: 'RECORDS', cell: ({ records }) => records, align: 'right' },
      ],
      partitions,
      context.width,
    ),
  )
  context.print(`${found.records} records`)
}

export async function create(
  context: CommandContext,
  wanted: { readonly topic: string; readonly partitions: number; readonly replicationFactor: number },
): Promise<void> {
  const keeper = await context.keeper()
  await context.confirm(`Create ${wanted.topic} with ${wanted.partitions} partitions in ${keeper.title}?`)
  const result = await keeper.call('topics.create', wanted)
  if (context.isJson) return context.print(JSON.stringify(result, null, 2))
  context.say(
    result.created ? `${wanted.topic} is created.` : `${wanted.topic} is there already; nothing changed.`,
  )
}
