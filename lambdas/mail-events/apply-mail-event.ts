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

/*
 * That SES has sent a mail is news only where the notifier did not get to know: it died, or the answer was lost. The
 * last attempt at the address is marked, whichever of several it was: the message was taken, and the notifier's next run
 * ends it without sending it again. Events are delivered by best effort, so this saves a second mail and is no proof.
 * https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-ses.html
 */
const MARK_SENT = `
update deliveries set status = 'SENT', reason = null, provider_id = $2
where id in (
    select max(id) from deliveries
    where message_id = $1 and channel_kind = 'email' and lower(address) = any ($3::text[])
    group by channel_id, address
  )
  and status in ('SENDING', 'AGAIN')
`

/** A complaint is about a mail that arrived. */
const MARK = `
update deliveries set reason = $3, status = case when $4 then status else 'FAILED' end
where message_id = $1 and provider_id = $2
`

/** Switches the addresses of an event off, and writes into the trail of the message what became of it. */
export async function applyMailEvent(pool: Pool, event: MailEvent): Promise<Applied> {
  const { kind, addresses, reason, messageId, providerId } = event
  if (kind === 'sent') {
    const sent =
      messageId === null ? undefined : await pool.query(MARK_SENT, [messageId, providerId, addresses])
    return { addressesSwitchedOff: 0, deliveriesMarked: sent?.rowCount ?? 0 }
  }
  const off =
    addresses.length > 0 ? await pool.query<{ count: number }>(SWITCH_OFF, [addresses, reason]) : undefined
  const marked =
    messageId === null
      ? undefined
      : await pool.query(MARK, [messageId, providerId, reason, kind === 'complaint'])
  return { addressesSwitchedOff: off?.rows[0]?.count ?? 0, deliveriesMarked: marked?.rowCount ?? 0 }
}
