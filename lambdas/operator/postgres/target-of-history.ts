import { KeeperError } from '../../core/errors.ts'
import { type Amount, amountOfHundredths, hundredthsOf } from '../../core/money.ts'
import { statisticsOf } from '../../core/prices/price-statistics.ts'
import type { Queries } from './people.ts'
import { pricePoints } from './prices.ts'
import { ruleNumber, type TargetRule } from './target-rule.ts'

export interface ComputedTarget {
  readonly target: Amount
  /** What it was computed from: the median or the lowest price, and the days it is of. */
  readonly from: { readonly what: 'median' | 'lowest'; readonly price: Amount; readonly days: number }
}

const DAY_MS = 86_400_000
const USUAL_DAYS = 90
/** With less than this, nobody knows what a product usually costs. */
const LEAST_DAYS = 7

/**
 * @throws KeeperError `bad_target`, or `too_little_history` with how many days there are
 */
export async function targetOfHistory(
  queries: Queries,
  product: { readonly id: string; readonly asin: string },
  rule: TargetRule,
): Promise<ComputedTarget> {
  const isDrop = 'drop' in rule
  const read = ruleNumber(rule)
  if ('fault' in read) throw new KeeperError('bad_target', read.fault)
  const given = read.number
  const days = isDrop ? USUAL_DAYS : given
  const untilMs = Date.now()
  const fromMs = untilMs - days * DAY_MS
  const points = await pricePoints(queries, product.id, new Date(fromMs), new Date(untilMs))
  const statistics = statisticsOf(points, fromMs, untilMs)
  const firstMs = points.find(({ price }) => price !== null)
  const known = firstMs ? Math.floor((untilMs - Date.parse(firstMs.at)) / DAY_MS) : 0
  const needed = isDrop ? LEAST_DAYS : days
  if (!statistics || known < needed) {
    throw new KeeperError(
      'too_little_history',
      `Of ${product.asin} there are prices of ${known} days, and that takes ${needed}: ${known > 0 && !isDrop ? `say --below-lowest ${known}d, or ` : ''}set a target in money.`,
    )
  }
  if (isDrop) {
    const price = statistics.median
    const target = amountOfHundredths(Math.max(1, Math.round(hundredthsOf(price) * (1 - given / 100))))
    return { target, from: { what: 'median', price, days } }
  }
  // An alert comes from 1 % above a target on: that too is below the lowest price.
  const { price } = statistics.lowest
  const target = amountOfHundredths(Math.max(1, Math.floor((hundredthsOf(price) * 100 - 1) / 101)))
  return { target, from: { what: 'lowest', price, days } }
}
