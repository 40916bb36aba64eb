import type { CommandContext } from '../context.ts'
import { counted } from '../output/plural.ts'
import { table } from '../output/table.ts'
import { DEAL_COLUMNS } from './deals.ts'

export async function show(
  context: CommandContext,
  wanted: { readonly user?: string; readonly date?: string },
): Promise<void> {
  const report = await (await context.keeper()).call('reports.show', wanted)
  if (context.isJson) return context.print(JSON.stringify(report, null, 2))
  context.print(`${report.date} for ${report.user}: ${counted(report.deals.length, 'deal')}`)
  if (report.deals.length === 0) return
  const deals = report.deals.map((deal) => ({
    ...deal,
    price: deal.currentPrice,
    original: deal.originalPrice,
    discount: deal.discountPercent,
  }))
  context.print(
    table(
      DEAL_COLUMNS,
      deals.toSorted((a, b) => (b.discount ?? 0) - (a.discount ?? 0)),
      context.width,
    ),
  )
}
