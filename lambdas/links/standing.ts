import type { Pool } from 'pg'
import { LEFT_KINDS, type LeftKind, type Link } from '../core/mail/link-tokens.ts'
import type { ProductFacts } from '../core/mail/message.ts'
import { againIfRolledBack } from '../core/postgres/again-if-rolled-back.ts'

/** How things stand with what a link is for. */
export interface Standing {
  readonly locale: string
  /** The watch's product; null for kinds of messages. */
  readonly product: Pick<ProductFacts, 'asin' | 'domain' | 'title'> | null
  /** Whether messages come. */
  readonly isOn: boolean
}

const WATCH = `
select users.locale, watch.status = 'ACTIVE' as "isOn",
  json_build_object('asin', product.asin, 'domain', product.domain, 'title', product.title) as product
from watches as watch
join users on users.id = watch.user_id
join watched_products as product on product.id = watch.product_id
where watch.id = $2 and watch.user_id = $1
`

const KINDS = `
select users.locale, null as product,
  (select count(*) from left_kinds where left_kinds.user_id = users.id and kind = any ($2::text[])) < $3 as "isOn"
from users
where users.id = $1
`

/** Undefined where the user or the watch was removed since. */
export async function readStanding(pool: Pool, link: Link): Promise<Standing | undefined> {
  const watchId = watchOf(link)
  const kinds = kindsOf(link)
  const { rows } = await (watchId === undefined
    ? pool.query<Standing>(KINDS, [link.userId, kinds, kinds.length])
    : pool.query<Standing>(WATCH, [link.userId, watchId]))
  return rows[0]
}

/** Ends the messages that the link is for. Doing so again changes nothing. */
export async function leave(pool: Pool, link: Link): Promise<void> {
  const watchId = watchOf(link)
  await (watchId === undefined
    ? pool.query(LEAVE, [link.userId, kindsOf(link)])
    : againIfRolledBack(() => pool.query(PAUSE, [link.userId, watchId])))
}

/** Takes them up again. */
export async function comeBack(pool: Pool, link: Link): Promise<void> {
  const watchId = watchOf(link)
  await (watchId === undefined
    ? pool.query('delete from left_kinds where user_id = $1 and kind = any ($2::text[])', [
        link.userId,
        kindsOf(link),
      ])
    : againIfRolledBack(() => pool.query(RESUME, [link.userId, watchId])))
}

// A user who was removed meanwhile has nothing to leave.
const LEAVE = `
insert into left_kinds (user_id, kind)
select users.id, left_kind.name from users cross join unnest($2::text[]) as left_kind (name) where users.id = $1
on conflict do nothing
`

const PAUSE = `
update watches set status = 'PAUSED', updated_at = now() where user_id = $1 and id = $2 and status = 'ACTIVE'
`

const RESUME = `
update watches set status = 'ACTIVE', updated_at = now() where user_id = $1 and id = $2 and status <> 'ACTIVE'
`

const watchOf = ({ scope }: Link): string | undefined => /^watch:(.*)$/.exec(scope)?.[1]

const kindsOf = ({ scope }: Link): readonly LeftKind[] =>
  scope === 'all' ? LEFT_KINDS : LEFT_KINDS.filter((kind) => scope === `kind:${kind}`)
