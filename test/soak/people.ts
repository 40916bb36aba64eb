import { randomBytes } from 'node:crypto'
import { numbers } from '../local/until.ts'
import type { Engines } from './engines.ts'
import { ASINS } from './producers.ts'

const USERS = 12

/** Users who watch every product, each for a target of their own: half of them by webhook, the others by mail. */
export async function addPeople({ query }: Engines, receiverUrl: string): Promise<void> {
  await query(
    `insert into watched_products (asin, domain, title, currency)
     select asin, 'de', asin, 'EUR' from unnest($1::text[]) as asin`,
    [ASINS],
  )
  for (const number of numbers(USERS)) await addUser({ query }, `user-${number}@test`, 16 + 2 * number)
  await query(
    `insert into notification_channels (user_id, kind, address, secret)
     select id, 'webhook', $1, $2 from users where id % 2 = 0`,
    [receiverUrl, `whsec_${randomBytes(32).toString('base64')}`],
  )
}

/** A user who watches all products for the same target. */
export const addUser = ({ query }: Pick<Engines, 'query'>, email: string, target: number) =>
  query(
    `with owner as (insert into users (email) values ($1) on conflict do nothing returning id)
     insert into watches (user_id, product_id, target_price, status)
     select owner.id, product.id, $2, 'ACTIVE' from owner, watched_products as product where product.asin = any ($3)`,
    [email, target, ASINS],
  )

/** Gives the watches of every third user another target, and takes one away and back: both may alert at once. */
export async function changeWatches({ query }: Pick<Engines, 'query'>, target: number): Promise<void> {
  await query('update watches set target_price = $1 where user_id % 3 = $2', [target, target % 3])
  await query("update watches set status = 'PAUSED' where user_id % 5 = $1", [target % 5])
  await query("update watches set status = 'ACTIVE' where user_id % 5 = $1", [target % 5])
}
