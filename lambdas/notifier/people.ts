import type { Pool } from 'pg'
import type { Reader } from '../core/mail/message.ts'
import type { Channel } from './channels/channel.ts'

/** A person, how they read and where they are told. */
export interface Person extends Reader {
  readonly id: string
  /**
   * The channels that are on; where there is none, the user's own e-mail: nobody is left untold because a webhook was
   * switched off. Empty where that is off too.
   */
  readonly channels: readonly Channel[]
}

const READ_PEOPLE = `
select users.id, users.locale, users.time_zone as "timeZone", coalesce(
  (
    select json_agg(json_build_object('id', channel.id::text, 'kind', kind, 'address', address, 'secret', secret) order by channel.id)
    from notification_channels as channel
    where channel.user_id = users.id and channel.disabled_at is null
  ),
  case when users.email_disabled_at is null then
    json_build_array(json_build_object('id', null, 'kind', 'email', 'address', users.email, 'secret', null))
  end,
  '[]'
) as channels
from users
where users.id = any ($1::bigint[])
`

/** The people with these ids. */
export async function readPeople(pool: Pool, ids: readonly string[]): Promise<ReadonlyMap<string, Person>> {
  const { rows } = await pool.query<Person>(READ_PEOPLE, [[...new Set(ids)]])
  return new Map(rows.map((person) => [person.id, person]))
}

const SWITCH_OFF_CHANNEL = `
update notification_channels set disabled_at = now(), disabled_reason = $2 where id = $1 and disabled_at is null
`
const SWITCH_OFF_EMAIL = `
update users set email_disabled_at = now(), email_disabled_reason = $2
where id = $1 and email_disabled_at is null
`

/** Sends nothing there any more: the channel's service says that it will take no message. */
export const switchOff = (pool: Pool, userId: string, channel: Channel, reason: string) =>
  channel.id === null
    ? pool.query(SWITCH_OFF_EMAIL, [userId, reason])
    : pool.query(SWITCH_OFF_CHANNEL, [channel.id, reason])
