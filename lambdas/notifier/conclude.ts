import type { Pool } from 'pg'
import { type AttemptEnd, askedWaitMs, STATUS_OF } from './attempts.ts'
import type { Claimed } from './claim.ts'

/** `messages.status` */
export type MessageStatus = 'PENDING' | 'SENT' | 'FAILED' | 'SUPERSEDED'

/** What becomes of a message once an attempt is over. */
export interface Conclusion {
  /** Whether a channel is left to try, `pauseMs` from now. If not, the message is SENT where one took it, else FAILED. */
  readonly isLeft: boolean
  readonly reason: string | null
  readonly pauseMs: number
}

/** How an attempt ended: a row of `deliveries`. */
export interface Ended {
  readonly deliveryId: string
  readonly outcome: AttemptEnd
}

/*
 * The message's alerts follow it: SENT once one channel took the message, even if others are still to be tried, FAILED when
 * all gave up. They remember the price that they told: a later price is news only below it. What took it is what ended now
 * and what `deliveries` knows of earlier attempts, those of a run that died before this line among them.
 */
const CONCLUDE = `
with held as materialized (
  select id, content from messages where id = $1 and lease_token = $2 for update
),
ended as (
  select * from unnest($6::bigint[], $7::text[], $8::text[], $9::text[], $10::double precision[])
    as given (id, status, reason, provider_id, wait_ms)
),
marked as (
  update deliveries as delivery
  set status = ended.status, reason = ended.reason, provider_id = ended.provider_id,
    not_before = now() + ended.wait_ms * interval '1 millisecond'
  from held, ended
  where delivery.id = ended.id and delivery.message_id = held.id
),
taken as (
  select string_agg(distinct delivery.channel_kind, ', ') as kinds
  from deliveries as delivery
  left join ended using (id)
  where delivery.message_id = $1 and coalesce(ended.status, delivery.status) = 'SENT'
),
told as (
  update price_alerts as alert
  set status = case when taken.kinds is null then 'FAILED' else 'SENT' end,
    reason = case when taken.kinds is null then $4::text end,
    sent_at = case when taken.kinds is not null then now() end,
    notification_channel = coalesce(taken.kinds, alert.notification_channel),
    told_price = case when taken.kinds is not null then (
      select (fact ->> 'price')::numeric
      from jsonb_array_elements(held.content -> 'alerts') as fact
      where fact ->> 'alertId' = alert.id::text
    ) end
  from held, taken
  where alert.message_id = held.id and alert.status = 'PENDING' and (taken.kinds is not null or not $3::boolean)
)
update messages as message
set status = case when $3::boolean then 'PENDING' when taken.kinds is null then 'FAILED' else 'SENT' end,
  reason = $4::text,
  sent_at = case when taken.kinds is not null then coalesce(message.sent_at, now()) end,
  due_at = case when $3::boolean then now() + $5::double precision * interval '1 millisecond' else message.due_at end,
  lease_token = null, lease_until = null
from held, taken
where message.id = held.id
returning message.status
`

/**
 * Ends an attempt and marks how each channel took it.
 * @returns the message's status, or undefined where the lease is lost: then nothing is changed
 */
export async function conclude(
  pool: Pool,
  { id, lease }: Claimed,
  { isLeft, reason, pauseMs }: Conclusion,
  ended: readonly Ended[] = [],
): Promise<MessageStatus | undefined> {
  const { rows } = await pool.query<{ status: MessageStatus }>(CONCLUDE, [
    ...[id, lease, isLeft, reason, pauseMs],
    ended.map(({ deliveryId }) => deliveryId),
    ended.map(({ outcome }) => STATUS_OF[outcome.result]),
    ended.map(({ outcome }) => ('reason' in outcome ? outcome.reason : null)),
    ended.map(({ outcome }) => ('providerId' in outcome ? outcome.providerId : null)),
    ended.map(({ outcome }) => askedWaitMs(outcome)),
  ])
  return rows[0]?.status
}

const SUPERSEDE_MESSAGE = `
update messages
set status = case when exists (select from deliveries where message_id = $1 and status = 'SENT') then 'SENT'
    else 'SUPERSEDED' end,
  reason = $3, lease_token = null, lease_until = null
where id = $1 and lease_token = $2
`

/** Ends a message of which no alert is to be told any more. */
export async function concludeSuperseded(
  pool: Pool,
  { id, lease }: Claimed,
  reason: string,
): Promise<boolean> {
  return ((await pool.query(SUPERSEDE_MESSAGE, [id, lease, reason])).rowCount ?? 0) > 0
}
