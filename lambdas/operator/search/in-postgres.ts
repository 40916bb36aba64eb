import type { Pool } from 'pg'
import { marketplaceOf } from '../../core/marketplaces.ts'
import { inTransaction } from '../../core/postgres/in-transaction.ts'
import type { DealSummary } from '../postgres/deals.ts'
import { iso } from '../postgres/page.ts'
import type { DealQuery, FindDeals } from './deal-query.ts'

/** As the index deals_words has it. */
const TITLE_WORDS = `(to_tsvector('german', title) || to_tsvector('english', title))`

/** A part of a word has a trigram from this length on; without one, every title would be read. */
const LEAST_PART = 3

/**
 * Whether a title has a word: in German or in English, as the beginning of a word, or as a part of one ("tastatur" in
 * "Funktastatur"). What neither language counts as a word ("in") limits nothing.
 * @param at the word's placeholder
 */
const hasWord = (at: string, word: string): string => `(
  ${word.length < LEAST_PART ? '' : `title ilike '%' || ${at} || '%' or`}
  ${TITLE_WORDS} @@ (
    plainto_tsquery('german', ${at}) || plainto_tsquery('english', ${at})
    || to_tsquery('simple', '''' || ${at} || ''':*')
  )
  or numnode(plainto_tsquery('german', ${at}) || plainto_tsquery('english', ${at})) = 0
)`

/** Whole words before beginnings, beginnings before parts and other forms: cheaper than a rank, which reads each title. */
const closeness = (at: string): string =>
  `(title ~* ('\\m' || ${at}))::integer + (title ~* ('\\m' || ${at} || '\\M'))::integer`

const ORDERS = {
  price: 'current_price',
  discount: 'discount_percent desc nulls last',
  newest: 'deal_at desc',
} as const

/** A word with two letters swapped, or one too many, has this similarity at least; unrelated words rarely have. */
const LEAST_SIMILARITY = 0.45

/** Looks in Postgres's table of deals, by the indexes of migration 0014. */
export const findInPostgres =
  (pool: () => Pool): FindDeals =>
  (query) =>
    inTransaction(pool(), async (client) => {
      await client.query(
        `select set_config('pg_trgm.word_similarity_threshold', $1, true), set_config('jit', 'off', true)`,
        [String(LEAST_SIMILARITY)],
      )
      const { text, values } = statementOf(query)
      const { rows } = await client.query<Omit<DealSummary, 'currency'>>(text, values)
      return rows.map((deal) => ({ ...deal, currency: marketplaceOf(deal.domain)?.currency ?? '' }))
    })

function statementOf({ words, match, sort, limit, ...limits }: DealQuery): {
  readonly text: string
  readonly values: unknown[]
} {
  const values: unknown[] = []
  const bind = (value: unknown): string => `$${values.push(value)}`
  const bound = words.map((word) => ({ word, at: `${bind(word)}::text` }))
  const conditions =
    match === 'words'
      ? bound.map(({ at, word }) => hasWord(at, word))
      : bound.map(({ at }) => `${at} <% title`)
  const limitBy = (sql: string, value: unknown) => {
    if (value !== undefined) conditions.push(`${sql} ${bind(value)}`)
  }
  limitBy('domain =', limits.domain)
  limitBy('current_price <=', limits.maxPrice)
  limitBy('rating >=', limits.minRating)
  limitBy('discount_percent >=', limits.minDiscount)
  const relevance =
    match === 'words'
      ? `${bound.map(({ at }) => closeness(at)).join(' + ')} desc, length(title)`
      : `${bound.map(({ at }) => `word_similarity(${at}, title)`).join(' + ')} desc`
  const order = [...(sort === 'relevance' ? [] : [ORDERS[sort]]), relevance, ORDERS.discount, 'domain, asin']
  return {
    text: `select asin, domain, title, current_price as price, original_price as original,
        discount_percent::double precision as discount, rating::double precision as rating,
        review_count as reviews, sales_rank as "salesRank", ${iso('deal_at')} as "dealAt"
      from deals where ${conditions.join('\nand ')}
      order by ${order.join(', ')} limit ${limit + 1}`,
    values,
  }
}
