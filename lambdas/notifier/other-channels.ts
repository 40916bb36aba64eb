import type { Pool } from 'pg'
import type { Message } from '../core/mail/message.ts'
import type { Channel } from './channels/channel.ts'

/** A message of which nothing is left to try at the channels that it was for. */
export interface Untaken {
  readonly content: Message
  /** The channels that are on now and have had no attempt of it. */
  readonly others: readonly Channel[]
}

const READ = `
select message.content, (
  select json_agg(distinct delivery.channel_kind || ' ' || coalesce(delivery.channel_id::text, '') || ' ' || delivery.address)
  from deliveries as delivery where delivery.message_id = message.id
) as tried
from messages as message
where message.id = $1
`

/** Which of `channels` have had no attempt of a message that was tried, with what it tells. */
export async function readUntaken(
  pool: Pool,
  messageId: string,
  channels: readonly Channel[],
): Promise<Untaken | undefined> {
  const { rows } = await pool.query<{ content: Message; tried: readonly string[] }>(READ, [messageId])
  const [row] = rows
  if (!row) return undefined
  const tried = new Set(row.tried)
  const others = channels.filter(({ kind, id, address }) => !tried.has(`${kind} ${id ?? ''} ${address}`))
  return { content: row.content, others }
}
