import type { Pool } from 'pg'
import { arrayLiteral } from '../postgres/array-literal.ts'
import type { WatchedProduct } from './watched-product.ts'

/** The part of Keepa's answer that a product's row keeps. */
export type Remembered = Pick<WatchedProduct, 'asksBuyBox' | 'problem' | 'redirectedTo'>

/** A product whose row differs from Keepa's answer. */
export interface ChangedAnswer extends Remembered {
  readonly watched: WatchedProduct
}

// Rows are locked in the consumers' order, so that the two cannot deadlock.
const UPDATE = `
with answered as (
  select *
  from unnest($1::bigint[], $2::boolean[], $3::text[], $4::text[])
    as answered (id, asks_buy_box, problem, redirected_to)
),
locked as materialized (
  select product.id
  from watched_products as product
  join answered using (id)
  order by product.domain, product.asin
  for no key update of product
)
update watched_products as product
set asks_buy_box = answered.asks_buy_box, keepa_problem = answered.problem, redirected_to = answered.redirected_to,
  keepa_problem_since = case
    when answered.problem is null then null
    when answered.problem = product.keepa_problem then product.keepa_problem_since
    else now()
  end
from answered
join locked using (id)
where product.id = answered.id
`

/** Whether the row must be updated; most products have not changed since the last pass. */
export const hasChanged = (watched: WatchedProduct, answer: Remembered): boolean =>
  watched.asksBuyBox !== answer.asksBuyBox ||
  watched.problem !== answer.problem ||
  watched.redirectedTo !== answer.redirectedTo

/** Updates the rows with the answers. Prices are not among them: only the consumers write those. */
export async function rememberAnswers(pool: Pool, changed: readonly ChangedAnswer[]): Promise<void> {
  if (changed.length === 0) return
  await pool.query(UPDATE, [
    arrayLiteral(changed.map(({ watched }) => watched.id)),
    changed.map(({ asksBuyBox }) => asksBuyBox),
    changed.map(({ problem }) => problem),
    changed.map(({ redirectedTo }) => redirectedTo),
  ])
}
