import type { OutputOf } from '../../client/keeper.ts'
import type { CommandContext } from '../context.ts'
import { gather } from '../output/gather.ts'
import { clean, table } from '../output/table.ts'
import type { DealLimits } from './deals.ts'

export interface FilterOptions extends DealLimits {
  readonly titleContains?: string
  readonly user?: string
}

type Filter = OutputOf<'filters.remove'>

export async function list(context: CommandContext, user?: string): Promise<void> {
  const filters = await gather((await context.keeper()).rows('filters.list', { user }))
  if (context.isJson) return context.print(JSON.stringify(filters, null, 2))
  if (filters.length === 0) {
    return context.say('There are no filters: keeper filters add --min-discount 40 adds one.')
  }
  context.print(
    table(
      [
        { name: 'ID', cell: ({ id }) => id, align: 'right' },
        { name: 'DOMAIN', cell: ({ domain }) => domain ?? 'any' },
        { name: 'MIN DISCOUNT', cell: ({ minDiscount }) => minDiscount, align: 'right' },
        { name: 'MAX PRICE', cell: ({ maxPrice }) => maxPrice, align: 'right' },
        { name: 'MIN RATING', cell: ({ minRating }) => minRating, align: 'right' },
        { name: 'TITLE CONTAINS', cell: ({ titleContains }) => titleContains, shrinks: true },
        { name: 'USER', cell: ({ user: whose }) => whose },
      ],
      filters,
      context.width,
    ),
  )
}

export async function add(context: CommandContext, wanted: FilterOptions): Promise<void> {
  const filter = await (await context.keeper()).call('filters.add', wanted)
  if (context.isJson) return context.print(JSON.stringify(filter, null, 2))
  context.say(`Filter ${filter.id} ${filter.created ? 'was added' : 'already exists'}: ${described(filter)}.`)
}

export async function remove(context: CommandContext, given: string): Promise<void> {
  const id = given.trim()
  const keeper = await context.keeper()
  const filters = await gather(keeper.rows('filters.list', {}))
  const filter = filters.find((candidate) => candidate.id === id)
  // What is not listed is asked for all the same: somebody may be adding it.
  await context.confirm(`Remove filter ${id}${filter ? ` (${described(filter)})` : ''} from ${keeper.title}?`)
  const removed = await keeper.call('filters.remove', { id })
  if (context.isJson) return context.print(JSON.stringify(removed, null, 2))
  context.say(`Filter ${removed.id} was removed.`)
}

function described({ user, domain, minDiscount, maxPrice, minRating, titleContains }: Filter): string {
  const limits = [
    domain !== null && `of amazon.${domain}`,
    minDiscount !== null && `at least ${minDiscount}% off`,
    maxPrice !== null && `up to ${maxPrice}`,
    minRating !== null && `at least ${minRating} stars`,
    titleContains !== null && `"${clean(titleContains)}" in the title`,
  ].filter((limit) => limit !== false)
  return `${user} wants ${limits.length > 0 ? `deals ${limits.join(', ')}` : 'all deals'}`
}
