import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Engines } from './engines.ts'
import { ASINS } from './producers.ts'
import type { Receiver } from './receiver.ts'

/** Alerts that no message has taken up, although neither the watch nor its user has had as many as a day may bring. */
export const WAITING = `
select waiting.id from price_alerts as waiting join watches as watch on watch.id = waiting.watch_id
where waiting.status = 'PENDING' and waiting.message_id is null
  and (select count(*) from price_alerts as told join messages on messages.id = told.message_id
    where told.watch_id = watch.id and messages.status <> 'SUPERSEDED') < 3
  and (select count(*) from messages where user_id = watch.user_id and status <> 'SUPERSEDED') < 20`

/** What must be so of the tables at the end, each as a query that finds what is not. */
const VIOLATIONS: Readonly<Record<string, string>> = {
  'the current price is not the newest': `
    select asin from watched_products as product
    join lateral (
      select recorded_at, price from price_history where product_id = product.id order by recorded_at desc limit 1
    ) as newest on true
    where asin = any ($1) and (product.price_at <> newest.recorded_at or product.current_price <> newest.price)`,
  'an alert tells of a price that is not in the history, or of one above its target': `
    select alert.id from price_alerts as alert join watches as watch on watch.id = alert.watch_id
    where alert.triggered_price > alert.target_price * 1.01 or not exists (
      select from price_history where product_id = watch.product_id and recorded_at = alert.triggered_at
        and price = alert.triggered_price)`,
  'an alert came twice: no lower price, and none above the target in between': `
    select id from (
      select alert.*, watch.product_id,
        lag(least(triggered_price, told_price)) over newest as last_price, lag(triggered_at) over newest as last_at
      from price_alerts as alert join watches as watch on watch.id = alert.watch_id
      where alert.status <> 'SUPERSEDED'
      window newest as (partition by watch_id order by triggered_at, alert.id)
    ) as alert
    where triggered_price >= last_price and not exists (
      select from price_history as seen where seen.product_id = alert.product_id
        and seen.recorded_at > last_at and seen.recorded_at <= triggered_at and seen.price > alert.target_price * 1.01)`,
  'a watch whose target is met was never alerted': `
    select watch.id from watches as watch join watched_products as product on product.id = watch.product_id
    where watch.status = 'ACTIVE' and asin = any ($1) and product.current_price <= watch.target_price * 1.01
      and not exists (select from price_alerts where watch_id = watch.id and status <> 'SUPERSEDED')`,
  'an alert ended without a message that was sent, or without a reason': `
    select alert.id from price_alerts as alert left join messages as message on message.id = alert.message_id
    where (alert.status = 'SENT' and message.status is distinct from 'SENT')
      or (alert.status in ('FAILED', 'SUPERSEDED') and alert.reason is null)`,
  'an alert waits, and neither a message nor a cap says why': WAITING,
  'a message was not sent, or sent by no channel': `
    select message.id from messages as message
    where status = 'PENDING' or (status = 'SENT' and not exists (
      select from deliveries where message_id = message.id and status = 'SENT'))`,
}

interface Found {
  readonly id: string
}

/** Finds what is wrong with the tables. */
export async function wrongRows({ query }: Engines): Promise<readonly string[]> {
  const found: string[] = []
  for (const [what, sql] of Object.entries(VIOLATIONS)) {
    const rows = await query<Found>(sql, sql.includes('$1') ? [ASINS] : [])
    if (rows.length > 0) found.push(`${what}: ${rows.length}, such as ${JSON.stringify(rows[0])}`)
  }
  return found
}

interface Delivered {
  readonly id: string
  readonly attempts: number
  readonly kind: string
  readonly isSent: boolean
  readonly provider: string | null
}

/** Finds messages that did not reach whom they are for, or more often than they were tried. */
export async function wrongDeliveries(
  { query }: Engines,
  { received }: Receiver,
  directory: string,
): Promise<readonly string[]> {
  const deliveries = await query<Delivered>(
    `select message_id::text as id, channel_kind as kind, count(*)::integer as attempts,
       bool_or(status = 'SENT') as "isSent", max(provider_id) filter (where status = 'SENT') as provider
     from deliveries group by message_id, channel_kind`,
  )
  const mails = new Set(await readdir(join(directory, 'mail')).catch(() => []))
  const attempts = new Map(deliveries.map((delivery) => [delivery.id, delivery.attempts]))
  return [
    ...deliveries.flatMap(({ id, kind, isSent, provider }) => {
      if (!isSent) return []
      const isThere = kind === 'email' ? mails.has(`${provider}.json`) : (received.get(id)?.taken ?? 0) > 0
      return isThere ? [] : [`message ${id} is marked as sent by ${kind}, and did not arrive`]
    }),
    ...[...received].flatMap(([id, { bodies }]) => {
      const tries = attempts.get(id) ?? 0
      if (bodies.length > tries) return [`message ${id} came ${bodies.length} times, of ${tries} attempts`]
      return new Set(bodies).size > 1 ? [`message ${id} came with different bytes`] : []
    }),
  ]
}
