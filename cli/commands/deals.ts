import type { CommandContext } from '../context.ts'
import { gather } from '../output/gather.ts'
import { type Column, table } from '../output/table.ts'

export interface DealLimits {
  readonly domain?: string
  readonly minDiscount?: number
  readonly maxPrice?: string
  readonly minRating?: number
}

export interface DealsOptions extends DealLimits {
  readonly most: number
}

/** What a deal has, in lists and reports. */
interface Deal {
  readonly asin: string
  readonly domain: string
  readonly title: string
  readonly price: string
  readonly original: string | null
  readonly discount: number | null
  readonly rating: number | null
}

export const DEAL_COLUMNS: readonly Column<Deal>[] = [
  { name: 'DISCOUNT', cell: ({ discount }) => (discount === null ? null : `${discount}%`), align: 'right' },
  { name: 'PRICE', cell: ({ price }) => price, align: 'right' },
  { name: 'BEFORE', cell: ({ original }) => original, align: 'right' },
  { name: 'RATING', cell: ({ rating }) => rating, align: 'right' },
  { name: 'ASIN', cell: ({ asin }) => asin },
  { name: 'DOMAIN', cell: ({ domain }) => domain },
  { name: 'TITLE', cell: ({ title }) => title, shrinks: true },
]

export async function list(context: CommandContext, { most, ...limits }: DealsOptions): Promise<void> {
  const keeper = await context.keeper()
  const found = await gather(keeper.rows('deals.list', limits), most + 1)
  const shown = found.slice(0, most)
  if (context.isJson) return context.print(JSON.stringify(shown, null, 2))
  if (shown.length === 0) return context.say('There are no such deals.')
  context.print(table(DEAL_COLUMNS, shown, context.width))
  if (found.length > most) context.say(`The first ${most}; -n shows more.`)
}
