import { object, optional, picklist, string } from 'valibot'
import { KeeperError } from '../../core/errors.ts'
import type { AlertFacts, MessageKind } from '../../core/mail/message.ts'
import type { Amount } from '../../core/money.ts'
import { operation, type Page } from '../operation.ts'
import { type MessageOutcome, OUTCOME } from './channel-test.ts'
import { id, user } from './inputs.ts'
import { isoMs, PAGE_ROWS, pageOf } from './page.ts'
import { personOf } from './people.ts'

const STATUSES = ['PENDING', 'SENT', 'FAILED', 'SUPERSEDED'] as const
const KINDS = ['alert', 'digest', 'report', 'notice', 'test'] as const satisfies readonly MessageKind[]

/** A message to a person, whatever channels it goes to. */
export interface NotificationSummary {
  readonly id: string
  readonly user: string
  readonly kind: MessageKind
  readonly status: (typeof STATUSES)[number]
  /** Why it failed, or why it waits. */
  readonly reason: string | null
  readonly attempts: number
  readonly createdAt: string
  /** When it is tried next; null once it has ended. */
  readonly dueAt: string | null
  readonly sentAt: string | null
  /** The kinds of channels that took it, separated by commas. */
  readonly took: string | null
}

/** A message with what it tells, and each attempt to deliver it. */
export interface NotificationDetails extends NotificationSummary {
  readonly alerts: readonly {
    readonly id: string
    readonly cause: AlertFacts['cause']
    readonly asin: string
    readonly domain: string
    readonly title: string
    readonly currency: string
    readonly price: Amount
  }[]
  /** The day of the report that it tells, `2026-02-20`. */
  readonly reportDay: string | null
  readonly deliveries: MessageOutcome['deliveries']
}

const SUMMARY = `
message.id, users.email as "user", message.kind, message.status, message.reason, message.attempts,
  ${isoMs('message.created_at')} as "createdAt",
  case when message.status = 'PENDING' then ${isoMs('message.due_at')} end as "dueAt",
  ${isoMs('message.sent_at')} as "sentAt",
  (select string_agg(distinct channel_kind, ', ') from deliveries where message_id = message.id and status = 'SENT') as took`

export const listNotifications = operation({
  access: 'read',
  does: 'Lists messages to people, the newest first.',
  input: object({
    status: optional(picklist(STATUSES, `a status is one of ${STATUSES.join(', ')}`)),
    kind: optional(picklist(KINDS, `a kind is one of ${KINDS.join(', ')}`)),
    user: optional(user),
    cursor: optional(string()),
  }),
  run: async (
    { status, kind, user: whose, cursor },
    { pool },
  ): Promise<Page<NotificationSummary, string>> => {
    const person = whose === undefined ? undefined : await personOf(pool(), whose)
    const { rows } = await pool().query<NotificationSummary>(
      `select ${SUMMARY} from messages as message join users on users.id = message.user_id
       where ($1::bigint is null or message.id < $1) and ($2::text is null or message.status = $2)
         and ($3::text is null or message.kind = $3) and ($4::bigint is null or message.user_id = $4)
       order by message.id desc limit ${PAGE_ROWS}`,
      [cursor ?? null, status ?? null, kind ?? null, person?.id ?? null],
    )
    return pageOf(rows, (row) => row.id)
  },
})

const DETAILS = `
select ${SUMMARY}, message.content ->> 'day' as "reportDay", coalesce((
    select jsonb_agg(jsonb_build_object(
      'id', fact -> 'alertId', 'cause', fact -> 'cause', 'asin', fact -> 'product' -> 'asin',
      'domain', fact -> 'product' -> 'domain', 'title', fact -> 'product' -> 'title',
      'currency', fact -> 'product' -> 'currency', 'price', fact -> 'price'
    ) order by place)
    from jsonb_array_elements(message.content -> 'alerts') with ordinality as told (fact, place)
  ), '[]') as alerts
from messages as message join users on users.id = message.user_id
where message.id = $1`

export const showNotification = operation({
  access: 'read',
  does: 'Shows a message to a person: what it tells, and each attempt to deliver it.',
  input: object({ id }),
  run: async (input, { pool }): Promise<NotificationDetails> => {
    const { rows } = await pool().query<Omit<NotificationDetails, 'deliveries'>>(DETAILS, [input.id])
    const outcome = await pool().query<MessageOutcome>(OUTCOME, [input.id])
    if (rows[0]) return { ...rows[0], deliveries: outcome.rows[0]?.deliveries ?? [] }
    throw new KeeperError(
      'no_such_message',
      `There is no message ${input.id}: ended ones are removed once they are old.`,
    )
  },
})
