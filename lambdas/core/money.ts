/**
 * Exact money. An amount is a decimal string with two places ("49.99"), the form in which Postgres reads and writes
 * numeric(12,2); arithmetic is done on whole hundredths, never on floats.
 */

/** A non-negative amount with two decimals, below 10,000,000,000: what numeric(12,2) can hold. */
export type Amount = string

/** The largest amount that numeric(12,2) holds, in hundredths. */
export const MAX_HUNDREDTHS = 999_999_999_999

/**
 * How far from a whole hundredth a number may be, in hundredths: more than the noise of arithmetic on doubles
 * (10 + 115 / 100 is 11.149999999999999), far less than a third decimal.
 */
const NOISE = 0.001

/**
 * A JSON number as an amount, or undefined if it has more than two decimals, is negative or does not fit.
 * Only 0 itself is "0.00"; a number close to it, such as 1e-7, is not a price anybody can pay.
 */
export function amountOfNumber(value: number): Amount | undefined {
  const hundredths = Math.round(value * 100)
  const isInRange = value === 0 || (hundredths > 0 && hundredths <= MAX_HUNDREDTHS)
  const isAmount = isInRange && Math.abs(value * 100 - hundredths) < NOISE
  return isAmount ? amountOfHundredths(hundredths) : undefined
}

/** An amount as whole hundredths: "49.99" is 4999. Exact: every amount has at most twelve digits. */
export const hundredthsOf = (amount: Amount): number => Number(amount.replace('.', ''))

/** Whole hundredths as an amount: 4999 is "49.99". */
export function amountOfHundredths(hundredths: number): Amount {
  const digits = String(hundredths).padStart(3, '0')
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`
}

/** The JSON number of an amount, as events have it. */
export const numberOfAmount = (amount: Amount): number => Number(amount)

/**
 * An event's `price_change`: percent to two decimals, rounded half away from zero, positive is a drop;
 * 0 without a previous price.
 */
export function priceChangePercent(previous: Amount | null, current: Amount): number {
  if (previous === null) return 0
  const before = BigInt(hundredthsOf(previous))
  if (before === 0n) return 0
  const drop = (before - BigInt(hundredthsOf(current))) * 10_000n
  const magnitude = (2n * (drop < 0n ? -drop : drop) + before) / (2n * before)
  return Number(drop < 0n ? -magnitude : magnitude) / 100
}
