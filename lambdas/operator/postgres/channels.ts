import { maxLength, object, optional, picklist, pipe, string, transform } from 'valibot'
import { KeeperError } from '../../core/errors.ts'
import { operation, type Page } from '../operation.ts'
import { CHANNEL_KINDS, checkChannel, checkSecret } from './channel-rules.ts'
import { id, user } from './inputs.ts'
import { iso, PAGE_ROWS, pageOf } from './page.ts'
import { type Person, personOf, type Queries } from './people.ts'

/** Where a user is told. What is secret of it is written here, and read by the notifier alone. */
export interface ChannelRow {
  /** Null for the user's own e-mail, which is used where no channel is on. */
  readonly id: string | null
  readonly user: string
  readonly kind: string
  readonly address: string
  readonly disabledAt: string | null
  readonly disabledReason: string | null
  readonly createdAt: string
}

const kind = picklist(CHANNEL_KINDS, `a channel is one of ${CHANNEL_KINDS.join(', ')}`)
const address = pipe(
  string('an address is a string'),
  transform((text) => text.trim()),
  maxLength(2_000, 'an address has at most 2000 characters'),
)
const secret = pipe(
  string('a secret is a string'),
  transform((text) => text.trim()),
  maxLength(2_000, 'a secret has at most 2000 characters'),
)

const SELECT = `
select channel.id, users.email as "user", channel.kind, channel.address,
  ${iso('channel.disabled_at')} as "disabledAt", channel.disabled_reason as "disabledReason",
  ${iso('channel.created_at')} as "createdAt"
from notification_channels as channel join users on users.id = channel.user_id`

const OWN = `
select null::bigint as id, email as "user", 'email' as kind, email as address,
  ${iso('email_disabled_at')} as "disabledAt", email_disabled_reason as "disabledReason",
  ${iso('created_at')} as "createdAt"
from users`

const LIST = `
select listed.* from (
  select own.*, users.id as user_id, 0 as place from (${OWN}) as own join users on users.email = own."user"
  union all
  select channel.*, users.id, channel.id from (${SELECT}) as channel join users on users.email = channel."user"
) as listed
where ($1::bigint is null or user_id = $1) and (user_id, place) > ($2::bigint, $3::bigint)
order by user_id, place limit ${PAGE_ROWS}`

type Listed = ChannelRow & { readonly user_id: string; readonly place: string }

export const listChannels = operation({
  access: 'read',
  does: 'Lists where people are told: their own e-mail, and their channels.',
  input: object({ user: optional(user), cursor: optional(string()) }),
  run: async ({ user: whose, cursor }, { pool }): Promise<Page<ChannelRow, string>> => {
    const person = whose === undefined ? undefined : await personOf(pool(), whose)
    const [after = '0', place = '-1'] = (cursor ?? '0:-1').split(':')
    const { rows } = await pool().query<Listed>(LIST, [person?.id ?? null, after, place])
    const page = pageOf(rows, (row) => `${row.user_id}:${row.place}`)
    return { ...page, rows: page.rows.map(({ user_id: _user, place: _place, ...row }) => row) }
  },
})

export const addChannel = operation({
  access: 'change',
  does: 'Adds a channel to a user; one that is there is left unchanged, its secret too.',
  input: object({ kind, address, secret: optional(secret), user: optional(user) }),
  run: async (input, { pool }): Promise<ChannelRow & { readonly created: boolean }> => {
    checkChannel(input.kind, input.address)
    checkSecret(input.kind, input.secret)
    const person = await personOf(pool(), input.user)
    const { rows: added } = await pool().query<{ id: string }>(
      `insert into notification_channels (user_id, kind, address, secret) values ($1, $2, $3, $4)
       on conflict (user_id, kind, address) do nothing returning id`,
      [person.id, input.kind, input.address, input.secret || null],
    )
    const { rows } = await pool().query<ChannelRow>(
      `${SELECT} where channel.user_id = $1 and channel.kind = $2 and channel.address = $3`,
      [person.id, input.kind, input.address],
    )
    if (!rows[0]) throw new KeeperError('no_such_channel', 'The channel was removed at the same time.')
    return { ...rows[0], created: added.length > 0 }
  },
})

export const setChannelSecret = operation({
  access: 'change',
  does: "Replaces a channel's secret: two webhook keys, separated by a blank, while a key is replaced.",
  input: object({ id, secret }),
  run: async (input, { pool }): Promise<ChannelRow> => {
    const channel = await channelOf(pool(), input.id)
    checkSecret(channel.kind, input.secret)
    await pool().query('update notification_channels set secret = $2 where id = $1', [input.id, input.secret])
    return channel
  },
})

export const enableChannel = operation({
  access: 'change',
  does: "Switches a channel on again, or without an id the user's own e-mail.",
  input: object({ id: optional(id), user: optional(user) }),
  run: async (input, { pool }): Promise<ChannelRow> => {
    if (input.id !== undefined) {
      await channelOf(pool(), input.id)
      await pool().query(
        'update notification_channels set disabled_at = null, disabled_reason = null where id = $1',
        [input.id],
      )
      return channelOf(pool(), input.id)
    }
    const person = await personOf(pool(), input.user)
    await pool().query(
      'update users set email_disabled_at = null, email_disabled_reason = null where id = $1',
      [person.id],
    )
    return ownEmail(pool(), person)
  },
})

export const removeChannel = operation({
  access: 'change',
  does: 'Removes a channel.',
  input: object({ id }),
  run: async (input, { pool }): Promise<ChannelRow> => {
    const channel = await channelOf(pool(), input.id)
    await pool().query('delete from notification_channels where id = $1', [input.id])
    return channel
  },
})

/** @throws KeeperError `no_such_channel` with the nearest ids */
export async function channelOf(queries: Queries, wanted: string): Promise<ChannelRow> {
  const { rows } = await queries.query<ChannelRow>(`${SELECT} where channel.id = $1`, [wanted])
  if (rows[0]) return rows[0]
  const all = await queries.query<{ id: string }>(
    'select id from notification_channels order by abs(id - $1::bigint), id limit 3',
    [wanted],
  )
  const near = all.rows.map((row) => row.id).join(', ')
  throw new KeeperError(
    'no_such_channel',
    `There is no channel ${wanted}${near ? `; channels near it: ${near}` : ''}.`,
  )
}

/** The address of a user without channels. */
export async function ownEmail(queries: Queries, person: Person): Promise<ChannelRow> {
  const { rows } = await queries.query<ChannelRow>(`${OWN} where id = $1`, [person.id])
  if (rows[0]) return rows[0]
  throw new KeeperError('no_such_user', `${person.email} was removed at the same time.`)
}
