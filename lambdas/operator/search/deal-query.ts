import {
  integer,
  maxLength,
  maxValue,
  minValue,
  number,
  object,
  optional,
  picklist,
  pipe,
  string,
} from 'valibot'
import { KeeperError } from '../../core/errors.ts'
import type { Amount } from '../../core/money.ts'
import { readAmount } from '../postgres/amounts.ts'
import { type DealSummary, dealLimits } from '../postgres/deals.ts'

/** What a search for deals takes. */
export const dealSearch = object({
  query: pipe(string('a query is a string'), maxLength(200, 'a query has at most 200 characters')),
  ...dealLimits,
  sort: optional(
    picklist(['relevance', 'price', 'discount', 'newest'], 'sort by relevance, price, discount or newest'),
    'relevance',
  ),
  limit: optional(
    pipe(
      number('a limit is a number'),
      integer('a limit is a whole number'),
      minValue(1, 'a limit is at least 1'),
      maxValue(200, 'a limit is at most 200'),
    ),
    20,
  ),
})

/** A search as its source gets it. */
export interface DealQuery {
  /** In lower case, at least one. A deal has all of them in its title, in any order. */
  readonly words: readonly string[]
  readonly domain: string | undefined
  /** Percent. */
  readonly minDiscount: number | undefined
  readonly maxPrice: Amount | undefined
  /** Stars. */
  readonly minRating: number | undefined
  readonly sort: 'relevance' | 'price' | 'discount' | 'newest'
  readonly limit: number
  /** `words`: titles have the words, or words that they are the beginning or a part of; `similar`: with typos. */
  readonly match: Match
}

export type Match = 'words' | 'similar'

/** What a source finds: one deal more than the limit where there are more. */
export type FindDeals = (query: DealQuery) => Promise<readonly DealSummary[]>

const MOST_WORDS = 10

/**
 * The query of an input, still to be matched.
 * @throws KeeperError `input_invalid` where it has no word, `bad_amount`
 */
export function dealQueryOf(input: {
  readonly query: string
  readonly domain?: string | undefined
  readonly minDiscount?: number | undefined
  readonly maxPrice?: string | undefined
  readonly minRating?: number | undefined
  readonly sort: DealQuery['sort']
  readonly limit: number
}): Omit<DealQuery, 'match'> {
  const words = wordsOf(input.query)
  if (words.length === 0) {
    throw new KeeperError('input_invalid', 'Write a word of the title, for example "logitech k380".')
  }
  if (words.length > MOST_WORDS) {
    throw new KeeperError('input_invalid', `A query has at most ${MOST_WORDS} words.`)
  }
  const { domain, minDiscount, maxPrice, minRating, sort, limit } = input
  return {
    ...{ words, domain, minDiscount, minRating, sort, limit },
    maxPrice: maxPrice === undefined ? undefined : readAmount(maxPrice),
  }
}

/** Letters and digits: both sources take "USB-C" apart in the same way. */
const wordsOf = (text: string): string[] => [
  ...new Set(
    text
      .normalize('NFC')
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? [],
  ),
]
