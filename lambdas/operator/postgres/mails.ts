import { object, optional, string } from 'valibot'
import { KeeperError } from '../../core/errors.ts'
import { operation, type Page } from '../operation.ts'
import { id } from './inputs.ts'
import { isoMs, PAGE_ROWS, pageOf } from './page.ts'

/** A mail as it was handed over: the first attempt of a message to an address. */
export interface SentMail {
  readonly id: string
  readonly message: string
  readonly at: string
  readonly to: string
  readonly subject: string
  /** Of the last attempt. */
  readonly status: string
}

export interface SentMailDetails extends SentMail {
  readonly html: string | null
  readonly text: string | null
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** Images that the HTML shows by `cid:`; bytes are Base64. */
  readonly attachments: readonly {
    readonly contentId: string
    readonly contentType: string
    readonly bytes: string
  }[]
}

// A retry has no request of its own: it repeats that of the first attempt.
const SUMMARY = `
first.id, first.message_id as message, ${isoMs('first.at')} as at, first.address as "to",
  first.request ->> 'subject' as subject, (
    select last.status from deliveries as last
    where last.message_id = first.message_id and last.channel_kind = 'email' and last.address = first.address
    order by last.id desc limit 1
  ) as status`
const MAILS = `first.channel_kind = 'email' and first.request is not null`

export const listMails = operation({
  access: 'read',
  does: 'Lists mails as they were handed over, the newest first.',
  input: object({ cursor: optional(string()) }),
  run: async ({ cursor }, { pool }): Promise<Page<SentMail, string>> => {
    const { rows } = await pool().query<SentMail>(
      `select ${SUMMARY} from deliveries as first
       where ${MAILS} and ($1::bigint is null or first.id < $1)
       order by first.id desc limit ${PAGE_ROWS}`,
      [cursor ?? null],
    )
    return pageOf(rows, (row) => row.id)
  },
})

export const showMail = operation({
  access: 'read',
  does: 'Shows a mail as it was handed over: HTML, text and headers.',
  input: object({ id }),
  run: async (input, { pool }): Promise<SentMailDetails> => {
    const { rows } = await pool().query<SentMailDetails>(
      `select ${SUMMARY}, first.request ->> 'html' as html, first.request ->> 'text' as text,
         coalesce(first.request -> 'headers', '[]') as headers,
         coalesce(first.request -> 'attachments', '[]') as attachments
       from deliveries as first where first.id = $1 and ${MAILS}`,
      [input.id],
    )
    if (rows[0]) return rows[0]
    throw new KeeperError(
      'no_such_mail',
      `There is no mail ${input.id}: mails are removed with their messages once they are old.`,
    )
  },
})
