import { type Marketplace, marketplaceOf } from '../marketplaces.ts'
import { type Amount, amountOfNumber, MAX_HUNDREDTHS } from '../money.ts'
import { type EventTime, parseEventTime } from './timestamp.ts'

/**
 * Strict readers for the fields that both events share. A value of the wrong type rejects the event with a reason that
 * names the field. Nothing is coerced, except white space around an ASIN or domain, and their case.
 */

/** Why an event cannot be stored: a stable id, and a sentence that names the field and quotes its value. */
export interface Rejection {
  readonly reason: RejectionReason
  readonly detail: string
}

/** Every reason for which a record is rejected; docs/events.md explains them. */
export const REJECTION_REASONS = [
  'invalid_utf8',
  'invalid_json',
  'non_finite',
  'not_an_object',
  'wrong_type',
  'bad_asin',
  'bad_domain',
  'bad_product_title',
  'bad_current_price',
  'bad_original_price',
  'bad_currency',
  'bad_rating',
  'bad_review_count',
  'bad_sales_rank',
  'bad_history',
  'currency_mismatch',
  'bad_timestamp',
  'not_storable',
] as const

export type RejectionReason = (typeof REJECTION_REASONS)[number]

/** Thrown by the readers below and caught once, by `parseEvent`. */
export class RejectedEvent extends Error {
  readonly rejection: Rejection
  constructor(reason: RejectionReason, detail: string) {
    super(detail)
    this.rejection = { reason, detail }
  }
}

/** A JSON object whose fields have not been checked yet. */
export type Fields = Readonly<Record<string, unknown>>

/** The number of code points of a title that are kept. */
export const TITLE_CODE_POINTS = 500

const ASIN = /^[A-Z0-9]{10}$/

export function readAsin(fields: Fields): string {
  const asin = typeof fields.asin === 'string' ? fields.asin.trim().toUpperCase() : undefined
  if (asin !== undefined && ASIN.test(asin)) return asin
  throw new RejectedEvent('bad_asin', `asin is ${shown(fields.asin)}; it must be 10 characters A-Z and 0-9`)
}

export function readMarketplace(fields: Fields): Marketplace {
  const domain = typeof fields.domain === 'string' ? fields.domain.trim().toLowerCase() : undefined
  const marketplace = domain === undefined ? undefined : marketplaceOf(domain)
  if (marketplace) return marketplace
  throw new RejectedEvent(
    'bad_domain',
    `domain is ${shown(fields.domain)}; it must be an Amazon domain such as de or co.uk`,
  )
}

/** The currency may be left out, since it follows from the domain; it may not contradict it. */
export function checkCurrency(fields: Fields, marketplace: Marketplace): void {
  const currency = fields.currency
  if (currency === undefined || currency === null) return
  if (typeof currency !== 'string')
    throw new RejectedEvent('bad_currency', `currency is ${shown(currency)}; it must be a string`)
  if (currency.trim().toUpperCase() === marketplace.currency) return
  throw new RejectedEvent(
    'currency_mismatch',
    `currency is ${shown(currency)}, but prices of domain ${marketplace.domain} are in ${marketplace.currency}`,
  )
}

/** Numbers that mean "no price": Keepa's -1 (no offer) and -2 (not retrieved), and 0. */
const NO_PRICE = new Set([0, -1, -2])

/** The current price, or null if the event says that there is none now. */
export function readCurrentPrice(fields: Fields): Amount | null {
  if (fields.current_price !== undefined)
    return readNullableAmount(fields, 'current_price', 'bad_current_price')
  throw new RejectedEvent('bad_current_price', `current_price is missing; ${AMOUNT_RULE}, or null`)
}

/** A price that may be null, missing, or one of the values that mean "none". */
export function readNullableAmount(fields: Fields, field: string, reason: RejectionReason): Amount | null {
  const value = fields[field]
  if (value === undefined || value === null) return null
  if (typeof value === 'number' && NO_PRICE.has(value)) return null
  const amount = typeof value === 'number' ? amountOfNumber(value) : undefined
  if (amount !== undefined) return amount
  throw new RejectedEvent(reason, `${field} is ${shown(value)}; ${AMOUNT_RULE}, or null`)
}

const AMOUNT_RULE = `it must be a number above 0 with at most two decimals, up to ${MAX_HUNDREDTHS / 100}`

/** A number in a range, or null if it is null or missing. */
export function readNullableNumber(
  fields: Fields,
  field: string,
  reason: RejectionReason,
  range: { readonly max: number; readonly integer?: true },
): number | null {
  const value = fields[field]
  if (value === undefined || value === null) return null
  const fits =
    typeof value === 'number' &&
    value >= 0 &&
    value <= range.max &&
    (!range.integer || Number.isInteger(value))
  if (fits) return value
  throw new RejectedEvent(
    reason,
    `${field} is ${shown(value)}; it must be ${range.integer ? 'a whole number' : 'a number'} from 0 to ${range.max}, or null`,
  )
}

/**
 * The title without NUL characters, which Postgres cannot store, cut to 500 code points without splitting a character.
 * A missing or null title is empty, and never replaces a stored one.
 */
export function readTitle(fields: Fields): string {
  const value = fields.product_title
  if (value === undefined || value === null) return ''
  if (typeof value !== 'string') {
    throw new RejectedEvent('bad_product_title', `product_title is ${shown(value)}; it must be a string`)
  }
  return storableTitle(value)
}

/** See {@link readTitle}. */
export function storableTitle(title: string): string {
  const withoutNul = title.includes('\u0000') ? title.replaceAll('\u0000', '') : title
  const clean = withoutNul.isWellFormed() ? withoutNul : withoutNul.toWellFormed()
  if (clean.length <= TITLE_CODE_POINTS) return clean
  // A code point has at most two code units, so a slice of this length is always enough.
  return Array.from(clean.slice(0, TITLE_CODE_POINTS * 2))
    .slice(0, TITLE_CODE_POINTS)
    .join('')
    .toWellFormed()
}

/** The event's time, or undefined if it is missing or unreadable; the record's timestamp is then used instead. */
export const readTimestamp = (fields: Fields): EventTime | undefined =>
  typeof fields.timestamp === 'string' ? parseEventTime(fields.timestamp) : undefined

/** Whether the event is of the past. Anything but a boolean rejects it: read wrongly, an old price would be news. */
export function readHistory({ history }: Fields): boolean {
  if (history === undefined || history === null) return false
  if (typeof history === 'boolean') return history
  throw new RejectedEvent('bad_history', `history is ${shown(history)}; it must be true or false`)
}

export function checkEventType(fields: Fields, expected: string): void {
  if (fields.event_type === expected) return
  throw new RejectedEvent(
    'wrong_type',
    `event_type is ${shown(fields.event_type)}; on this topic it must be "${expected}"`,
  )
}

/** A value as quoted in a reason, shortened. */
export function shown(value: unknown): string {
  if (value === undefined) return 'missing'
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  const text = JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 80)}... (${text.length} characters)` : text
}
