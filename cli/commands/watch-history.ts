import { ClientError } from '../../client/client-error.ts'
import { importHistory, storedHistory, untilStored } from '../../client/history-import.ts'
import type { Keeper, OutputOf } from '../../client/keeper.ts'
import type { CommandContext } from '../context.ts'
import { money } from '../output/money.ts'
import { counted } from '../output/plural.ts'

type Prices = OutputOf<'prices.show'>

/** A product that somebody has just watched. */
interface NewlyWatched {
  readonly asin: string
  readonly domain: string
  readonly productId: string
  readonly historyImportedAt: string | null
}

const LATER = 'Its history is imported within minutes, by a schedule.'

/**
 * Imports the past of a product unless it was imported before, and waits until it can be looked at.
 * @returns the prices that there are; undefined if they come later, which is said
 */
export async function fetchHistory(
  context: CommandContext,
  keeper: Keeper,
  watched: NewlyWatched,
): Promise<Prices | undefined> {
  if (watched.historyImportedAt !== null) return storedHistory(keeper, watched)
  const sent = await imported(context, keeper, watched.productId)
  if (sent === undefined) return undefined
  const { prices, isComplete } = await untilStored(keeper, watched, sent)
  if (!isComplete) {
    context.say(
      'Its history is sent, and not stored yet: keeper groups describe keeper-consumer-group says why.',
    )
  }
  return prices
}

/** How many events of the product were sent; undefined if none, which is said. */
async function imported(
  context: CommandContext,
  keeper: Keeper,
  productId: string,
): Promise<number | undefined> {
  try {
    const report = await importHistory(keeper, productId)
    if ('skipped' in report) {
      const isWithoutKey = report.skipped === 'no-api-key'
      context.say(
        isWithoutKey ? 'Its history cannot be imported before the API key of Keepa is stored.' : LATER,
      )
      return undefined
    }
    if (report.imported > 0) return report.sent
    const isUnknown = report.unknown > 0 || report.notFollowed > 0
    context.say(
      isUnknown ? 'Keepa has no price of this product, and asks Amazon again at every price check.' : LATER,
    )
  } catch (error) {
    if (!(error instanceof ClientError)) throw error
    context.say(`${LATER} It could not be imported at once: ${error.message}`)
  }
  return undefined
}

/** One line on what the prices were. */
export function describedHistory({ statistics, prices, gaps, currency, unavailableSince }: Prices): string {
  if (!statistics) return 'There is no price of it yet.'
  const { now, lowest } = statistics
  const times = gaps > 0 ? ` and ${counted(gaps, 'time')} not on offer` : ''
  const present =
    unavailableSince === null ? `now ${money(now.price, currency)}` : `not on offer since ${unavailableSince}`
  return `Its history is there: ${counted(prices, 'price')}${times}, lowest ${money(lowest.price, currency)} at ${lowest.at}, ${present}.`
}
