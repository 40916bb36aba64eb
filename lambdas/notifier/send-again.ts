import type { Pool, PoolClient } from 'pg'
import { inTransaction } from '../core/postgres/in-transaction.ts'

/** What a person asks for by hand: the event of an invocation is `{ "sendAgain": "<id of a message>" }`. */
export function askedToSendAgain(event: unknown): string | undefined {
  const asked = (event as { readonly sendAgain?: unknown } | null)?.sendAgain
  return typeof asked === 'string' && /^[1-9]\d{0,17}$/.test(asked) ? asked : undefined
}

// Held until the end: of two people who ask at once, the second finds that it was done.
const HOLD = 'select status, kind from messages where id = $1 for update'

// Of a channel that waits for the time that its service named, too: the person knows better.
const NOW = `
with no_wait as (
  update deliveries set not_before = null where message_id = $1 and not_before is not null
)
update messages set due_at = now()
where id = $1 and due_at > now() and (lease_until is null or lease_until < now())
`

/*
 * The alerts wait as if they had just been raised: gathering puts them into a message of today's facts, and drops what is
 * not so any more. A watch has one alert that waits at most; a newer one tells the newer price.
 */
const ALERTS = `
update price_alerts as alert
set status = 'PENDING', message_id = null, reason = null
where alert.message_id = $1 and alert.status = 'FAILED'
  and not exists (select from price_alerts as newer where newer.watch_id = alert.watch_id and newer.status = 'PENDING')
`

/** What is told is in the message: another one tells the same, to the channels that are on now. */
const COPY = `
with made as (
  insert into messages (user_id, kind, local_day, content)
  select user_id, kind, local_day, content from messages where id = $1 and content is not null
  returning id
),
report as (
  update deal_reports set message_id = made.id from made where deal_reports.message_id = $1
),
deals as (
  insert into reported_deals (message_id, user_id, asin, domain, price)
  select made.id, old.user_id, old.asin, old.domain, old.price
  from made join reported_deals as old on old.message_id = $1
)
select id from made
`

const REPLACED = `
update messages set status = 'SUPERSEDED', reason = concat_ws(': ', 'sent again', reason) where id = $1
`

/**
 * Sends a message that every channel gave up, and one that waits for its next attempt at once.
 * @returns how many alerts or messages wait now that did not before
 */
export const sendAgain = (pool: Pool, id: string): Promise<number> =>
  inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ status: string; kind: string }>(HOLD, [id])
    const [message] = rows
    if (message?.status === 'PENDING') return changed(client, NOW, id)
    if (message?.status !== 'FAILED') return 0
    const isOfAlerts = message.kind === 'alert' || message.kind === 'digest'
    const count = await changed(client, isOfAlerts ? ALERTS : COPY, id)
    if (count > 0) await client.query(REPLACED, [id])
    return count
  })

const changed = async (client: PoolClient, sql: string, id: string): Promise<number> =>
  (await client.query(sql, [id])).rowCount ?? 0
