import type { Pool } from 'pg'
import type { MailEvent } from './mail-event.ts'

/** How much of an event there was to do. */
export interface Applied {
  readonly addressesSwitchedOff: number
  readonly deliveriesMarked: number
}

/*
 * An address is switched off wherever it is: as a user's own and as a channel. What is off keeps its first reason, so an
 * event that comes twice changes nothing.
 */
const SWITCH_OFF = `
with own as (
  update users set email_disabled_at = now(), email_disabled_reason = $2
  where lower(email) = any ($1::text[]) and email_disabled_at is null
  returning id
),
channel as (
  update notification_channels set disabled_at = now(), disabled_reason = $2
  where kind = 'email' and lower(address) = any ($1::text[]) and disabled_at is null
  returning id
)
select (select count(*) from own)::integer + (select count(*) from channel)::integer as count
`

/** A complaint is about a mail that arrived. */
const MARK = `
update deliveries set reason = $3, status = case when $4 then status else 'FAILED' end
where message_id = $1 and provider_id = $2
`

/** Switches the addresses of an event off, and writes into the trail of the message what became of it. */
export async function applyMailEvent(pool: Pool, event: MailEvent): Promise<Applied> {
  const { kind, addresses, reason, messageId, providerId } = event
  const off =
    addresses.length > 0 ? await pool.query<{ count: number }>(SWITCH_OFF, [addresses, reason]) : undefined
  const marked =
    messageId === null
      ? undefined
      : await pool.query(MARK, [messageId, providerId, reason, kind === 'complaint'])
  return { addressesSwitchedOff: off?.rows[0]?.count ?? 0, deliveriesMarked: marked?.rowCount ?? 0 }
}
