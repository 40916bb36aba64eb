import { integer, maxValue, minValue, number, object, optional, picklist, pipe } from 'valibot'
import { operation } from '../operation.ts'
import { WATCHES, type WatchStatus, type WatchSummary } from './watch-rows.ts'
import { words } from './words.ts'

const STATUSES = ['ACTIVE', 'PAUSED', 'INACTIVE'] as const satisfies readonly WatchStatus[]

/** Which watches are meant: those that hold every word, in title, ASIN, marketplace or user. */
export const wantedWatches = {
  text: optional(words, ''),
  status: optional(picklist(STATUSES, `a status is one of ${STATUSES.join(', ')}`)),
}

const HAS_STATUS = '($2::text is null or watch.status = $2)'

/**
 * The ids of the watches that match: `$1` are the words' patterns, `$2` the status. Most searches are of products alone, and
 * most users hold no word: trigrams find the products that hold every word, and the users that hold any; of the watches of
 * those the product holds the others.
 */
export const matching = (patterns: readonly string[]): string => {
  if (patterns.length === 0) {
    return `select watch.id from watches as watch where cardinality($1::text[]) = 0 and ${HAS_STATUS}`
  }
  const each = (condition: (word: string) => string) =>
    patterns.map((_, index) => `(${condition(`($1::text[])[${index + 1}]`)})`)
  const inProduct = each((word) => `product.words ilike ${word}`)
  const inUser = each((word) => `users.email ilike ${word}`)
  const inEither = each((word) => `product.words ilike ${word} or users.email ilike ${word}`)
  // Of one word, such a user's watches are all meant, whatever their product.
  const others = `join product_words as product using (product_id) where ${inEither.join(' and ')} and`
  return `
select watch.id from product_words as product join watches as watch using (product_id)
where ${inProduct.join(' and ')} and ${HAS_STATUS}
union
select watch.id from users join watches as watch on watch.user_id = users.id
${patterns.length > 1 ? others : 'where'} (${inUser.join(' or ')}) and ${HAS_STATUS}`
}

/** A part of the watches that match, the newest first. */
export interface FoundWatches {
  /** How many match in all. */
  readonly total: number
  readonly rows: readonly WatchSummary[]
}

/** With words they are looked for once, for the number and for the part; without, indices have both. */
const foundBy = (patterns: readonly string[]): string => `
with matching as ${patterns.length === 0 ? 'not materialized' : 'materialized'} (${matching(patterns)})
select (select count(*)::integer from matching) as total,
  array(select matching.id::text from matching order by matching.id desc offset $3 limit $4) as ids`

export const searchWatches = operation({
  access: 'read',
  does: 'Searches the watches by words, the newest first, and gives a part of them from any place on.',
  input: object({
    ...wantedWatches,
    from: optional(pipe(number(), integer(), minValue(0, 'from is at least 0')), 0),
    most: optional(pipe(number(), integer(), minValue(1), maxValue(500, 'most is at most 500')), 100),
  }),
  run: async ({ text, status, from, most }, { pool }): Promise<FoundWatches> => {
    const { rows } = await pool().query<{ total: number; ids: string[] }>(foundBy(text), [
      text,
      status ?? null,
      from,
      most,
    ])
    const [{ total, ids } = { total: 0, ids: [] }] = rows
    const { rows: found } = await pool().query<WatchSummary>(
      `${WATCHES} where watch.id = any ($1) order by watch.id desc`,
      [ids],
    )
    return { total, rows: found }
  },
})
