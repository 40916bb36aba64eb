import { KeeperError } from '../../core/errors.ts'
import type { Amount } from '../../core/money.ts'

/** `45`, `44.9`, `44,99`. */
const PLAIN = /^(\d{1,10})(?:[.,](\d{1,2}))?$/

/** `1.234,56` and `1,234.56`: groups of three, then decimals behind the other separator. */
const GROUPED = /^\d{1,3}(?:([.,' \u00a0\u202f])\d{3})(?:\1\d{3})*([.,])(\d{1,2})$/

/**
 * An amount as people and spreadsheets write it. Three digits behind a single separator may be thousands or decimals:
 * that is refused, not guessed.
 * @throws KeeperError `bad_amount`
 */
export function readAmount(text: string): Amount {
  const trimmed = text.trim()
  const [, whole = '', decimals = ''] = PLAIN.exec(ungrouped(trimmed)) ?? []
  if (whole) return `${whole.replace(/^0+(?=\d)/, '')}.${decimals.padEnd(2, '0')}`
  throw new KeeperError(
    'bad_amount',
    `"${trimmed.slice(0, 40)}" is not an amount: write one like 45 or 44.99, with at most two decimals.`,
  )
}

function ungrouped(text: string): string {
  const [, group, decimal] = GROUPED.exec(text) ?? []
  if (group === undefined || group === decimal) return text
  const [whole = '', decimals = ''] = [
    text.slice(0, text.lastIndexOf(decimal ?? '')),
    text.split(decimal ?? '').at(-1),
  ]
  return `${whole.replaceAll(/\D/g, '')}.${decimals}`
}

/** A target price: null where there is none, which 0 means as well. */
export function readTarget(text: string | undefined): Amount | null {
  if (text === undefined || text.trim() === '') return null
  const amount = readAmount(text)
  return amount === '0.00' ? null : amount
}
