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

/**
 * What follows `select`: `$1` are the words' patterns, `$2` the status. Each word is looked for by its trigrams, in products
 * and in users. Without words nothing is joined, so that all watches are counted by an index.
 */
export const matching = (patterns: readonly string[]): string => `
from watches as watch
where ($2::text is null or watch.status = $2) and cardinality($1::text[]) = ${patterns.length}
${patterns.map((_, index) => `and watch.id in (${holding(`($1::text[])[${index + 1}]`)})`).join('\n')}`

const holding = (pattern: string) => `
select of_product.id from product_words join watches as of_product using (product_id) where words ilike ${pattern}
union all
select of_user.id from users join watches as of_user on of_user.user_id = users.id where email ilike ${pattern}`

/** A part of the watches that match, the newest first. */
export interface FoundWatches {
  /** How many match in all. */
  readonly total: number
  readonly rows: readonly WatchSummary[]
}

/** Without words the index on ids has the order, and nothing is sorted. */
const FROM_INDEX = `
select (select count(*)::integer ${matching([])}) as total,
  array(select watch.id::text ${matching([])} order by watch.id desc offset $3 limit $4) as ids`

/** Words are looked for once, for the number and for the part. */
const fromText = (patterns: readonly string[]): string => `
with matching as materialized (select watch.id ${matching(patterns)})
select (select count(*)::integer from matching) as total,
  array(select id::text from matching order by id desc offset $3 limit $4) as ids`

export const searchWatches = operation({
  access: 'read',
  does: 'Searches the watches by words, the newest first, and gives a part of them from any place on.',
  input: object({
    ...wantedWatches,
    from: optional(pipe(number(), integer(), minValue(0, 'from is at least 0')), 0),
    most: optional(pipe(number(), integer(), minValue(1), maxValue(500, 'most is at most 500')), 100),
  }),
  run: async ({ text, status, from, most }, { pool }): Promise<FoundWatches> => {
    const { rows } = await pool().query<{ total: number; ids: string[] }>(
      text.length === 0 ? FROM_INDEX : fromText(text),
      [text, status ?? null, from, most],
    )
    const [{ total, ids } = { total: 0, ids: [] }] = rows
    const { rows: found } = await pool().query<WatchSummary>(
      `${WATCHES} where watch.id = any ($1) order by watch.id desc`,
      [ids],
    )
    return { total, rows: found }
  },
})
