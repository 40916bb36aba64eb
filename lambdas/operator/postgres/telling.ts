import { type InferOutput, object, optional, picklist, pipe, regex, string, transform } from 'valibot'
import { KeeperError } from '../../core/errors.ts'
import { isTimeZone } from '../../core/mail/formats.ts'
import { LEFT_KINDS, type LeftKind } from '../../core/mail/link-tokens.ts'
import { operation } from '../operation.ts'
import { user } from './inputs.ts'
import { iso } from './page.ts'
import { type Person, personOf, type Queries } from './people.ts'

/** When and how a user is told of things. */
export interface Telling {
  readonly locale: string
  readonly timeZone: string
  /** `22:00-07:00` by the user's clock; null: at any time. */
  readonly quiet: string | null
  /** When the day's digest comes, `08:00`; null: alerts are told at once. */
  readonly digest: string | null
  /** Kinds of messages that the user does not want. */
  readonly muted: readonly LeftKind[]
  /** Why the user's own address gets no mail any more; null while it does. */
  readonly emailDisabledReason: string | null
  readonly channels: readonly {
    readonly kind: string
    readonly address: string
    readonly disabledAt: string | null
    readonly disabledReason: string | null
  }[]
}

const TELLING = `
select locale, time_zone as "timeZone", email_disabled_reason as "emailDisabledReason",
  to_char(quiet_from, 'HH24:MI') || '-' || to_char(quiet_until, 'HH24:MI') as quiet,
  to_char(digest_at, 'HH24:MI') as digest,
  coalesce((select json_agg(kind order by kind) from left_kinds where user_id = users.id), '[]') as muted,
  coalesce((
    select json_agg(json_build_object(
      'kind', kind, 'address', address, 'disabledAt', ${iso('disabled_at')}, 'disabledReason', disabled_reason
    ) order by id)
    from notification_channels where user_id = users.id
  ), '[]') as channels
from users where id = $1`

export async function tellingOf(queries: Queries, { id, email }: Person): Promise<Telling> {
  const { rows } = await queries.query<Telling>(TELLING, [id])
  if (rows[0]) return rows[0]
  throw new KeeperError('no_such_user', `${email} was removed at the same time.`)
}

const KINDS = [...LEFT_KINDS, 'all'] as const
const muting = object({
  email: optional(user),
  kind: picklist(KINDS, `a kind is one of ${KINDS.join(', ')}`),
})

const kindsOf = (kind: (typeof KINDS)[number]): readonly LeftKind[] => (kind === 'all' ? LEFT_KINDS : [kind])

export const muteUser = operation({
  access: 'change',
  does: 'Ends messages of a kind, or of all kinds, to a user.',
  input: muting,
  run: async ({ email, kind }, { pool }) => {
    const person = await personOf(pool(), email)
    const { rowCount } = await pool().query(
      'insert into left_kinds (user_id, kind) select $1, unnest($2::text[]) on conflict do nothing',
      [person.id, kindsOf(kind)],
    )
    return { email: person.email, changed: rowCount !== 0, ...(await tellingOf(pool(), person)) }
  },
})

export const unmuteUser = operation({
  access: 'change',
  does: 'Sends messages of a kind, or of all kinds, to a user again.',
  input: muting,
  run: async ({ email, kind }, { pool }) => {
    const person = await personOf(pool(), email)
    const { rowCount } = await pool().query(
      'delete from left_kinds where user_id = $1 and kind = any ($2::text[])',
      [person.id, kindsOf(kind)],
    )
    return { email: person.email, changed: rowCount !== 0, ...(await tellingOf(pool(), person)) }
  },
})

const TIME = '([01]?\\d|2[0-3]):[0-5]\\d'
const trimmed = pipe(
  string(),
  transform((text) => text.trim()),
)

const telling = object({
  email: optional(user),
  locale: optional(
    pipe(trimmed, regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'write a locale like de, en or en-GB')),
  ),
  timeZone: optional(trimmed),
  quiet: optional(
    pipe(trimmed, regex(new RegExp(`^(off|${TIME}-${TIME})$`), 'write quiet hours like 22:00-07:00, or off')),
  ),
  digest: optional(
    pipe(trimmed, regex(new RegExp(`^(off|${TIME})$`), 'write the time of the digest like 08:00, or off')),
  ),
})

// Null leaves a column as it is; the empty string is off.
const SET = `
update users set
  locale = coalesce($2, locale),
  time_zone = coalesce($3, time_zone),
  quiet_from = case when $4::text is null then quiet_from else nullif($4, '')::time end,
  quiet_until = case when $5::text is null then quiet_until else nullif($5, '')::time end,
  digest_at = case when $6::text is null then digest_at else nullif($6, '')::time end
where id = $1
`

export const setUser = operation({
  access: 'change',
  does: 'Sets how a user reads and when the user is told: locale, time zone, quiet hours, digest.',
  input: telling,
  run: async (input, { pool }) => {
    const { quietFrom, quietUntil } = quietOf(input)
    const person = await personOf(pool(), input.email)
    const digest = input.digest === 'off' ? '' : (input.digest ?? null)
    const values = [input.locale ?? null, zoneOf(input), quietFrom, quietUntil, digest]
    await pool().query(SET, [person.id, ...values])
    return { email: person.email, ...(await tellingOf(pool(), person)) }
  },
})

type Input = InferOutput<typeof telling>

/** As the database's own check has it: zones of the IANA database by name, which know summer time. */
function zoneOf({ timeZone }: Input): string | null {
  if (timeZone === undefined) return null
  const isName = timeZone === 'UTC' || /^[A-Za-z_]+(\/[A-Za-z0-9_+-]+)+$/.test(timeZone)
  if (isName && isTimeZone(timeZone)) return timeZone
  throw new KeeperError(
    'input_invalid',
    `"${timeZone}" is not a time zone: write one like Europe/Berlin, or UTC.`,
  )
}

function quietOf({ quiet }: Input): {
  readonly quietFrom: string | null
  readonly quietUntil: string | null
} {
  if (quiet === undefined) return { quietFrom: null, quietUntil: null }
  if (quiet === 'off') return { quietFrom: '', quietUntil: '' }
  const [quietFrom = '', quietUntil = ''] = quiet.split('-').map((time) => time.padStart(5, '0'))
  if (quietFrom !== quietUntil) return { quietFrom, quietUntil }
  throw new KeeperError(
    'input_invalid',
    'Quiet hours end at another time than they begin: to end messages, keeper users mute.',
  )
}
