import { maxLength, object, optional, pipe, string } from 'valibot'
import { KeeperError } from '../../core/errors.ts'
import type { Amount } from '../../core/money.ts'
import { operation, type Page } from '../operation.ts'
import { readAmount } from './amounts.ts'
import { dealLimits } from './deals.ts'
import { id, user } from './inputs.ts'
import { PAGE_ROWS, pageOf } from './page.ts'
import { personOf } from './people.ts'

/** Which deals a user wants in the daily report; null does not limit. */
export interface DealFilter {
  readonly id: string
  readonly user: string
  readonly domain: string | null
  readonly minDiscount: number | null
  readonly maxPrice: Amount | null
  readonly minRating: number | null
  readonly titleContains: string | null
}

const SELECT = `
select filter.id, users.email as "user", filter.domain, filter.min_discount::double precision as "minDiscount",
  filter.max_price as "maxPrice", filter.min_rating::double precision as "minRating",
  filter.title_contains as "titleContains"
from deal_filters as filter join users on users.id = filter.user_id`

export const listFilters = operation({
  access: 'read',
  does: 'Lists the filters of the daily deal report.',
  input: object({ user: optional(user), cursor: optional(string()) }),
  run: async ({ user: whose, cursor }, { pool }): Promise<Page<DealFilter, string>> => {
    const person = whose === undefined ? undefined : await personOf(pool(), whose)
    const { rows } = await pool().query<DealFilter>(
      `${SELECT} where filter.id > $1 and ($2::bigint is null or filter.user_id = $2)
       order by filter.id limit ${PAGE_ROWS}`,
      [cursor ?? 0, person?.id ?? null],
    )
    return pageOf(rows, (row) => row.id)
  },
})

/** Two equal filters would do no more than one. */
const ADD = `
with wanted as (
  select $1::bigint as user_id, $2::text as domain, $3::numeric(8, 2) as min_discount, $4::numeric as max_price,
    $5::numeric(3, 2) as min_rating, $6::text as title_contains
),
there as (
  select filter.id from deal_filters as filter, wanted
  where (filter.user_id, filter.domain, filter.min_discount, filter.max_price, filter.min_rating, filter.title_contains)
    is not distinct from
    (wanted.user_id, wanted.domain, wanted.min_discount, wanted.max_price, wanted.min_rating, wanted.title_contains)
  order by filter.id limit 1
),
added as (
  insert into deal_filters (user_id, domain, min_discount, max_price, min_rating, title_contains)
  select * from wanted where not exists (select from there)
  returning id
)
select id, true as created from added union all select id, false from there
`

export const addFilter = operation({
  access: 'change',
  does: 'Adds a filter to the daily deal report of a user; an equal one is not added twice.',
  input: object({
    ...dealLimits,
    titleContains: optional(pipe(string('a title is a string'), maxLength(200, 'at most 200 characters'))),
    user: optional(user),
  }),
  run: async (input, { pool }): Promise<DealFilter & { readonly created: boolean }> => {
    const person = await personOf(pool(), input.user)
    const { rows: saved } = await pool().query<{ id: string; created: boolean }>(ADD, [
      person.id,
      input.domain ?? null,
      input.minDiscount ?? null,
      input.maxPrice === undefined ? null : readAmount(input.maxPrice),
      input.minRating ?? null,
      input.titleContains?.trim() || null,
    ])
    const { rows } = await pool().query<DealFilter>(`${SELECT} where filter.id = $1`, [saved[0]?.id])
    if (!rows[0]) throw new KeeperError('no_such_filter', 'The filter was removed at the same time.')
    return { ...rows[0], created: saved[0]?.created ?? false }
  },
})

export const removeFilter = operation({
  access: 'change',
  does: 'Removes a filter of the daily deal report.',
  input: object({ id }),
  run: async (input, { pool }): Promise<DealFilter> => {
    const { rows } = await pool().query<DealFilter>(`${SELECT} where filter.id = $1`, [input.id])
    if (!rows[0]) {
      const all = await pool().query<{ id: string }>(
        'select id from deal_filters order by abs(id - $1::bigint), id limit 3',
        [input.id],
      )
      const near = all.rows.map((row) => row.id).join(', ')
      throw new KeeperError(
        'no_such_filter',
        `There is no filter ${input.id}${near ? `; ids near it: ${near}` : ''}.`,
      )
    }
    await pool().query('delete from deal_filters where id = $1', [input.id])
    return rows[0]
  },
})
