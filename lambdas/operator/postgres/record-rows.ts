import { integer, minValue, number, object, optional, pipe, regex, string } from 'valibot'
import type { Amount } from '../../core/money.ts'
import { operation } from '../operation.ts'
import { domain, product } from './inputs.ts'
import type { Queries } from './people.ts'
import { knownProduct, namedBy } from './products.ts'

/** A row of a product's history, and the record that it was made from. */
export interface RecordedPrice {
  /** ISO 8601 with milliseconds, UTC. */
  readonly at: string
  /** Null: from then on nothing was offered. */
  readonly price: Amount | null
  readonly source: string
  /** Why its time is not taken at its word, or `history` for an imported one; null for news. */
  readonly flag: string | null
  readonly topic: string
  readonly partition: number
  readonly offset: string
}

/** What a record became. */
export interface RecordOutcome {
  readonly asin: string | null
  readonly domain: string | null
  readonly rows: readonly RecordedPrice[]
  /** Its row among the rejected records. */
  readonly rejected: { readonly id: string; readonly reason: string } | null
}

/** Every row of a product that a condition on `known` chooses. */
const rowsWhere = (condition: string): string => `
select to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at, price, source::text as source,
  time_flag::text as flag, topic, partition, "offset"
from (
  select recorded_at, price, source, time_flag, topic, partition, "offset" from price_history where product_id = $1
  union all
  select recorded_at, null, source, time_flag, topic, partition, "offset" from price_gaps where product_id = $1
) as known
where ${condition}
order by recorded_at, source, price limit 100`

/** A double holds a time to the microsecond, and no two times of one product are nearer than this. */
const AT = rowsWhere('recorded_at between to_timestamp($2 - 0.0005) and to_timestamp($2 + 0.0005)')
const OF_RECORD = rowsWhere('topic = $2 and partition = $3 and "offset" = $4')

export const recordsOfPrice = operation({
  access: 'read',
  does: 'Names the records that a product’s price, or gap, of one time was made from.',
  input: object({ product, domain: optional(domain), at: number('a time is seconds since 1970') }),
  run: async ({ at, ...wanted }, { pool }): Promise<readonly RecordedPrice[]> => {
    const known = await knownProduct(pool(), wanted.product, wanted.domain)
    const { rows } = await pool().query<RecordedPrice>(AT, [known.id, at])
    return rows
  },
})

export const rowsOfRecord = operation({
  access: 'read',
  does: 'Says what a record became: rows of its product’s history, or a rejected record.',
  input: object({
    topic: string('a topic is a string'),
    partition: pipe(number('a partition is a number'), integer(), minValue(0)),
    offset: pipe(string('an offset is a string'), regex(/^\d{1,19}$/, 'an offset is a whole number')),
    /** As the record's value names it: rows are looked for among those of this product. */
    product: optional(product),
    domain: optional(domain),
  }),
  run: async (wanted, { pool }): Promise<RecordOutcome> => {
    const place = [wanted.topic, wanted.partition, wanted.offset]
    const { rows: rejected } = await pool().query<{ id: string; reason: string }>(
      'select id, reason from rejected_records where topic = $1 and partition = $2 and "offset" = $3 limit 1',
      place,
    )
    const known = await productIn(pool(), wanted.product, wanted.domain)
    const { rows } = known ? await pool().query<RecordedPrice>(OF_RECORD, [known.id, ...place]) : { rows: [] }
    return { asin: known?.asin ?? null, domain: known?.domain ?? null, rows, rejected: rejected[0] ?? null }
  },
})

/** A record may name a product that nobody watches, or none. */
async function productIn(queries: Queries, text: string | undefined, market: string | undefined) {
  if (text === undefined || market === undefined) return undefined
  const { asin } = namedBy(text, undefined)
  const { rows } = await queries.query<{ id: string; asin: string; domain: string }>(
    'select id, asin, domain from watched_products where domain = $1 and asin = $2',
    [market, asin],
  )
  return rows[0]
}
