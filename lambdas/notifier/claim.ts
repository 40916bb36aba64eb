import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import type { Message, MessageKind } from '../core/mail/message.ts'
import { IS_LEFT } from './left.ts'
import { IS_HELD } from './quiet-hours.ts'

/** A message that is this run's until its lease ends. */
export interface Claimed {
  readonly id: string
  readonly userId: string
  readonly kind: MessageKind
  /** Of this claim; every later change of the message requires it. */
  readonly lease: string
  readonly createdMs: number
  /** The number of this attempt, from 1. */
  readonly attempt: number
  /** Whether requests to its channels are stored, so that this attempt repeats them. */
  readonly isRetry: boolean
  /** Whether a channel has taken it: it is told, and what is left to do cannot unmake that. */
  readonly isTaken: boolean
  /** What it tells, where its maker has stored that: reports and notices. Null for alerts, and not read for a retry. */
  readonly content: Message | null
}

/*
 * One statement and so one transaction, which is over before the network is used: a lock that is held while something is
 * sent would block others for as long as a receiver likes. What another run has claimed is skipped, and what it has not
 * finished within its lease is claimed again. Materialized, because the rows must be chosen once.
 */
const CLAIM = `
with free as materialized (
  select id from messages as message
  where status = 'PENDING' and due_at <= now() and (lease_until is null or lease_until < now())
    and not ${IS_LEFT} and not ${IS_HELD}
  order by due_at, id
  limit $3
  for update skip locked
)
update messages as message
set lease_token = $1, lease_until = now() + $2::double precision * interval '1 millisecond',
  attempts = message.attempts + 1
from free
cross join lateral (
  select count(*) > 0 as once, coalesce(bool_or(status = 'SENT'), false) as taken from deliveries where message_id = free.id
) as tried
where message.id = free.id
returning message.id, message.user_id as "userId", message.kind, message.lease_token as lease,
  (extract(epoch from message.created_at) * 1000)::double precision as "createdMs", message.attempts as attempt,
  tried.once as "isRetry", tried.taken as "isTaken", case when not tried.once then message.content end as content
`

/** Claims up to `most` messages that are due, those that are due longest first. */
export async function claim(pool: Pool, most: number, leaseMs: number): Promise<readonly Claimed[]> {
  const { rows } = await pool.query<Claimed>(CLAIM, [randomUUID(), leaseMs, most])
  return rows
}
