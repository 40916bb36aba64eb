import type { CommandContext } from '../context.ts'
import { writeCsv } from '../output/csv.ts'
import { gather } from '../output/gather.ts'
import { money } from '../output/money.ts'
import { counted } from '../output/plural.ts'
import { stepChart } from '../output/step-chart.ts'
import { clean } from '../output/table.ts'

export interface PricesOptions {
  readonly product: string
  readonly domain?: string
  readonly days: number
  readonly csv?: boolean
}

const A_MINUTE_MS = 60_000

export async function chart(context: CommandContext, wanted: PricesOptions): Promise<void> {
  const keeper = await context.keeper()
  const summary = await keeper.call('prices.show', wanted)
  const points = await gather(keeper.rows('prices.list', wanted))
  if (context.isJson) return context.print(JSON.stringify({ ...summary, points }, null, 2))
  const { statistics, currency } = summary
  context.print(`${clean(summary.title) || '-'} (${summary.asin} of amazon.${summary.domain})`)
  if (!statistics) {
    return context.say(`No price was seen within ${counted(wanted.days, 'day')}; --days goes further back.`)
  }
  const steps = points.map(({ at, price }) => ({
    atMs: Date.parse(at),
    value: price === null ? null : Number(price),
  }))
  const untilMs = Date.parse(summary.until)
  // A product that is known for a few hours only would be a stroke at the right edge.
  const firstMs = Math.min(steps[0]?.atMs ?? 0, untilMs - A_MINUTE_MS)
  const fromMs = Math.max(Date.parse(summary.from), firstMs)
  context.print(stepChart(steps, { fromMs, untilMs, width: context.width }))
  const { now, lowest, highest, median } = statistics
  const lines = [
    summary.unavailableSince === null
      ? `now     ${money(now.price, currency)} at ${now.at}`
      : `now     not on offer since ${summary.unavailableSince}; last ${money(now.price, currency)}`,
    `lowest  ${money(lowest.price, currency)} at ${lowest.at}`,
    `highest ${money(highest.price, currency)} at ${highest.at}`,
    `median  ${money(median, currency)} by time, of ${counted(wanted.days, 'day')}`,
    ...(summary.gaps > 0 ? [`gaps    ${counted(summary.gaps, 'time')} not on offer`] : []),
  ]
  context.print(lines.join('\n'))
}

export async function csv(context: CommandContext, wanted: PricesOptions): Promise<void> {
  const points = await gather((await context.keeper()).rows('prices.list', wanted))
  if (context.isJson) return context.print(JSON.stringify(points, null, 2))
  context.print(
    writeCsv(
      ['recorded_at', 'price', 'source'],
      points.map(({ at, price, source }) => [at, price, source]),
    ),
  )
}
