import { object, optional } from 'valibot'
import { KeeperError } from '../../core/errors.ts'
import type { TestMessage } from '../../core/mail/message.ts'
import { operation } from '../operation.ts'
import { type ChannelRow, channelOf, ownEmail } from './channels.ts'
import { id, user } from './inputs.ts'
import { iso } from './page.ts'
import { personOf, type Queries } from './people.ts'

/** What became of a message, by channel and attempt. */
export interface MessageOutcome {
  readonly status: string
  readonly reason: string | null
  readonly deliveries: readonly DeliveryRow[]
}

export interface DeliveryRow {
  readonly channel: string | null
  readonly kind: string
  readonly address: string
  readonly attempt: number
  readonly status: string
  readonly reason: string | null
  readonly providerId: string | null
  readonly at: string
}

export const testChannel = operation({
  access: 'change',
  does: 'Makes a test message for one channel, or without an id for all of a user.',
  input: object({ id: optional(id), user: optional(user) }),
  run: async (input, { pool }): Promise<{ readonly messageId: string }> => {
    const channel = input.id === undefined ? undefined : await channelOf(pool(), input.id)
    const person = await personOf(pool(), channel?.user ?? input.user)
    if (channel) refuseDisabled(channel)
    else if (!(await hasChannel(pool(), person.id))) refuseDisabled(await ownEmail(pool(), person))
    const content: TestMessage = { kind: 'test', ...(channel?.id && { channelId: channel.id }) }
    const { rows } = await pool().query<{ id: string }>(
      `insert into messages (user_id, kind, content) values ($1, 'test', $2) returning id`,
      [person.id, JSON.stringify(content)],
    )
    return { messageId: rows[0]?.id ?? '' }
  },
})

function refuseDisabled({ id: of, address, disabledReason, disabledAt }: ChannelRow): void {
  if (disabledAt === null) return
  throw new KeeperError(
    'channel_disabled',
    `${address} is switched off since ${disabledAt}: ${disabledReason ?? 'no reason given'}. keeper channels enable${of === null ? '' : ` ${of}`} switches it on.`,
  )
}

async function hasChannel(queries: Queries, person: string): Promise<boolean> {
  const { rows } = await queries.query<{ id: string }>(
    'select id from notification_channels where user_id = $1 and disabled_at is null limit 1',
    [person],
  )
  return rows.length > 0
}

/** For one message: {@link MessageOutcome}. */
export const OUTCOME = `
select message.status, message.reason, coalesce(
  (
    select json_agg(json_build_object(
      'channel', channel_id::text, 'kind', channel_kind, 'address', address, 'attempt', attempt, 'status', status,
      'reason', reason, 'providerId', provider_id, 'at', ${iso('at')}
    ) order by id)
    from deliveries where message_id = message.id
  ), '[]') as deliveries
from messages as message where message.id = $1
`

export const messageOutcome = operation({
  access: 'read',
  does: 'Shows what became of a message: each attempt to deliver it.',
  input: object({ messageId: id }),
  run: async ({ messageId }, { pool }): Promise<MessageOutcome> => {
    const { rows } = await pool().query<MessageOutcome>(OUTCOME, [messageId])
    if (rows[0]) return rows[0]
    throw new KeeperError('no_such_message', `There is no message ${messageId}.`)
  },
})
