import type { Pool } from 'pg'
import type { Message } from '../core/mail/message.ts'
import type { Channel, ChannelRequest, Outcome } from './channels/channel.ts'
import type { Claimed } from './claim.ts'

/** One attempt to deliver a message to one channel: a row of `deliveries`. */
export interface Attempt {
  readonly deliveryId: string
  readonly channel: Channel
  readonly request: ChannelRequest
  /** When the channel was first tried in earnest, in milliseconds since 1970: not while all sending was stopped, or a run ended before it. */
  readonly firstTriedMs: number
}

/** A channel's request, before it is stored. */
export interface ToStore {
  readonly channel: Channel
  readonly request: ChannelRequest
}

/*
 * Content and requests are stored before the first byte is sent, so that a retry sends the same. The update holds the
 * message's row for as long as the statement takes: whoever has claimed the message since makes it store nothing. The
 * first attempt sends what it reads back too, because jsonb orders an object's fields by its own rule.
 */
const STORE = `
with held as (
  update messages set content = $3::jsonb where id = $1 and lease_token = $2 returning id
)
insert into deliveries (message_id, channel_id, channel_kind, address, attempt, request, status)
select held.id, given.channel_id, given.kind, given.address, 1, given.request, 'SENDING'
from held
cross join unnest($4::bigint[], $5::text[], $6::text[], $7::jsonb[]) with ordinality
  as given (channel_id, kind, address, request, place)
order by given.place
returning id, request
`

/** Stores what a message tells and its request to each channel. Undefined where the lease is lost. */
export async function storeFirst(
  pool: Pool,
  { id, lease }: Claimed,
  content: Message,
  toStore: readonly ToStore[],
): Promise<readonly Attempt[] | undefined> {
  const { rows } = await pool.query<{ id: string; request: ChannelRequest }>(STORE, [
    id,
    lease,
    JSON.stringify(content),
    toStore.map(({ channel }) => channel.id),
    toStore.map(({ channel }) => channel.kind),
    toStore.map(({ channel }) => channel.address),
    toStore.map(({ request }) => JSON.stringify(request)),
  ])
  if (rows.length === 0) return undefined
  const firstTriedMs = Date.now()
  return toStore.flatMap(({ channel }, index) => {
    const row = rows[index]
    return row ? [{ channel, deliveryId: row.id, request: row.request, firstTriedMs }] : []
  })
}

/*
 * A channel is left to try unless its last attempt was taken or refused; one whose service named a time has its attempt
 * then. The request is that of its first attempt. A channel that was removed or switched off since gets no further attempt,
 * and counts as refused.
 */
const REPEAT = `
with held as materialized (
  select id, user_id from messages where id = $1 and lease_token = $2 for update
),
last as (
  select distinct on (delivery.channel_id, delivery.channel_kind, delivery.address) delivery.*, held.user_id,
    (
      select min(tried.at) from deliveries as tried
      where tried.message_id = held.id and tried.status <> 'STOPPED'
        and (tried.channel_id, tried.channel_kind, tried.address)
          is not distinct from (delivery.channel_id, delivery.channel_kind, delivery.address)
    ) as first_tried_at
  from held join deliveries as delivery on delivery.message_id = held.id
  order by delivery.channel_id, delivery.channel_kind, delivery.address, delivery.id desc
),
left_to_try as (
  select last.*, channel.secret,
    case when last.channel_id is null then users.email_disabled_at is null
      else channel.id is not null and channel.disabled_at is null end as is_on
  from last
  join users on users.id = last.user_id
  left join notification_channels as channel on channel.id = last.channel_id
  where last.status in ('SENDING', 'AGAIN', 'STOPPED')
),
wait as (
  select (extract(epoch from min(not_before) - now()) * 1000)::double precision as ms
  from left_to_try
  where is_on and not_before > now()
),
added as (
  insert into deliveries (message_id, channel_id, channel_kind, address, attempt, status, reason)
  select message_id, channel_id, channel_kind, address, attempt + 1,
    case when is_on then 'SENDING' else 'FAILED' end, case when not is_on then 'the channel is off or removed' end
  from left_to_try
  where not is_on or not_before is null or not_before <= now()
  returning id, channel_id, channel_kind, address, status
)
select wait.ms as "waitMs", added.id as "deliveryId", added.channel_id as "channelId", added.channel_kind as kind, added.address,
  left_to_try.secret, first.request, extract(epoch from coalesce(left_to_try.first_tried_at, now())) * 1000 as "firstTriedMs"
from wait
left join added on added.status = 'SENDING'
left join left_to_try on (left_to_try.channel_id, left_to_try.channel_kind, left_to_try.address)
  is not distinct from (added.channel_id, added.channel_kind, added.address)
left join lateral (
  select request from deliveries
  where message_id = left_to_try.message_id and request is not null
    and (channel_id, channel_kind, address) is not distinct from (added.channel_id, added.channel_kind, added.address)
  order by id limit 1
) as first on true
order by added.id
`

interface RepeatRow extends Omit<Channel, 'id'> {
  readonly waitMs: number | null
  /** Null, as all that follows, in the one row where there is no attempt. */
  readonly deliveryId: string | null
  readonly channelId: string | null
  readonly request: ChannelRequest
  readonly firstTriedMs: string
}

/** What is to be tried of a message. */
export interface ToTry {
  readonly attempts: readonly Attempt[]
  /** In how many milliseconds the first of the channels may be tried that wait for the time their service named; null if none does. */
  readonly waitMs: number | null
}

/** The further attempts of a message that was tried before; none where the lease is lost or nothing is left to try now. */
export async function storeRepeat(pool: Pool, { id, lease }: Claimed): Promise<ToTry> {
  const { rows } = await pool.query<RepeatRow>(REPEAT, [id, lease])
  const attempts = rows.flatMap(({ deliveryId, channelId, kind, address, secret, request, firstTriedMs }) =>
    deliveryId === null
      ? []
      : [
          {
            deliveryId,
            channel: { id: channelId, kind, address, secret },
            request,
            firstTriedMs: Number(firstTriedMs),
          },
        ],
  )
  return { attempts, waitMs: rows[0]?.waitMs ?? null }
}

/** How an attempt ended. One that the run did not come to is no fault of the channel, and no reason to wait. */
export type AttemptEnd = Outcome | { readonly result: 'not-tried'; readonly reason: string }

/** `deliveries.status` of each end. STOPPED is what counts as never tried. */
export const STATUS_OF = {
  sent: 'SENT',
  again: 'AGAIN',
  refused: 'FAILED',
  stopped: 'STOPPED',
  'not-tried': 'STOPPED',
} as const satisfies Record<AttemptEnd['result'], string>

/** How long the service asked to be left alone, in milliseconds; null if it did not. */
export const askedWaitMs = (end: AttemptEnd): number | null =>
  end.result === 'again' ? (end.afterMs ?? null) : null

const MARK = `
with held as materialized (select id from messages where id = $1 and lease_token = $2 for update)
update deliveries as delivery
set status = $4, reason = $5, provider_id = $6, not_before = now() + $7::double precision * interval '1 millisecond'
from held
where delivery.id = $3 and delivery.message_id = held.id
`

/** Marks one attempt as soon as its end is known; not where the lease is lost. */
export async function markAttempt(
  pool: Pool,
  { id, lease }: Claimed,
  deliveryId: string,
  outcome: AttemptEnd,
): Promise<void> {
  const reason = 'reason' in outcome ? outcome.reason : null
  const providerId = outcome.result === 'sent' ? outcome.providerId : null
  const values = [id, lease, deliveryId, STATUS_OF[outcome.result], reason, providerId, askedWaitMs(outcome)]
  await pool.query(MARK, values)
}
