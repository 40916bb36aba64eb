import type { Pool } from 'pg'
import { PRODUCT_FACTS } from './product-facts.ts'
import { isQuiet } from './quiet-hours.ts'

/** Someone who has imported a list of wrong ASINs hears of the rest on the next days. */
const MOST_A_DAY = 5

/** Watches that one run tells of. */
const MOST = 500

/*
 * Why a watch of `product` cannot fire, or null. Keepa may leave a product out of one answer, and a product may be sold out
 * for weeks: neither is told before it has lasted.
 */
const REASON = `
case
  when product.keepa_problem = 'redirected' then 'redirected'
  when product.keepa_problem in ('invalid', 'inaccessible', 'e-book', 'variation-parent') then 'invalid'
  when product.keepa_problem = 'unanswered' and product.keepa_problem_since < now() - interval '7 days' then 'invalid'
  when product.unavailable_since < now() - interval '30 days' then 'gone'
end`

// Recovered: it had a price since. That a problem is merely not there in one answer says nothing.
const FORGET = `
delete from watch_notices as notice
using watches as watch
join watched_products as product on product.id = watch.product_id
where notice.watch_id = watch.id and product.price_at > notice.noticed_at and ${REASON} is null
`

/*
 * One statement: the row in watch_notices decides which of two runs makes the message. Content is the facts of
 * lambdas/core/mail/message.ts.
 */
const GATHER = `
with stuck as (
  select watch.id as watch_id, person.id as user_id, local.now::date as local_day, ${REASON} as reason,
    json_build_object(
      'kind', 'notice', 'watchId', watch.id::text, 'reason', ${REASON}, 'redirectedTo', product.redirected_to,
      'since', to_char(
        case when product.keepa_problem is null then product.unavailable_since else product.keepa_problem_since end
          at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'
      ),
      'product', ${PRODUCT_FACTS}
    ) as content,
    row_number() over (partition by person.id order by watch.id) + (
      select count(*) from messages as message
      where message.user_id = person.id and message.kind = 'notice' and message.local_day = local.now::date
    ) as place
  from watched_products as product
  join watches as watch on watch.product_id = product.id
  join users as person on person.id = watch.user_id
  cross join lateral (select now() at time zone person.time_zone as now) as local
  where (product.keepa_problem is not null or product.unavailable_since is not null)
    and ${REASON} is not null
    and watch.status = 'ACTIVE' and watch.target_price > 0
    and not exists (select from watch_notices where watch_id = watch.id)
    and not exists (select from left_kinds where user_id = person.id and kind = 'notice')
    and not ${isQuiet('local.now::time')}
),
noted as (
  insert into watch_notices (watch_id, reason)
  select watch_id, reason from stuck where place <= ${MOST_A_DAY} order by watch_id limit ${MOST}
  on conflict do nothing
  returning watch_id
)
insert into messages (user_id, kind, local_day, content)
select user_id, 'notice', local_day, content from stuck join noted using (watch_id)
`

/** Makes a message for each watch that cannot fire and whose user does not know it. Returns how many. */
export async function gatherNotices(pool: Pool): Promise<number> {
  await pool.query(FORGET)
  return (await pool.query(GATHER)).rowCount ?? 0
}
