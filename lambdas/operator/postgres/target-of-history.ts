import { KeeperError } from '../../core/errors.ts'
import { type Amount, amountOfHundredths, hundredthsOf } from '../../core/money.ts'
import { statisticsOf } from '../../core/prices/price-statistics.ts'
import type { Queries } from './people.ts'
import { pricePoints } from './prices.ts'

/** A target that is computed once, from the prices there were. */
export type TargetRule =
  /** So much below what the product usually costs: the median by time of 90 days. `15%`, `15`. */
  | { readonly drop: string }
  /** Below the lowest price of so many days. `90d`, `90`. */
  | { readonly belowLowest: string }

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
  const given = isDrop
    ? numberIn(rule.drop, /^(\d{1,2}(?:[.,]\d)?)\s*%?$/)
    : numberIn(rule.belowLowest, /^(\d{1,5})\s*d?$/)
  if (given === undefined) {
    throw new KeeperError(
      'bad_target',
      isDrop
        ? `"${rule.drop}" is not a drop: write one like 15%, from 0.1 to 99.`
        : `"${rule.belowLowest}" is not a number of days: write one like 90d.`,
    )
  }
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

function numberIn(text: string, form: RegExp): number | undefined {
  const [, digits] = form.exec(text.trim()) ?? []
  const number = digits === undefined ? 0 : Number(digits.replace(',', '.'))
  return number > 0 ? number : undefined
}
