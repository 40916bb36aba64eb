import { randomUUID } from 'node:crypto'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A mail as it lies in the mail folder. */
export interface Mail {
  readonly id: string
  /** ISO 8601 in UTC. */
  readonly at: string
  readonly from: string
  /** All recipients. */
  readonly to: readonly string[]
  readonly subject: string
  /** Those that the sender gave besides the usual ones. */
  readonly headers: Readonly<Record<string, string>>
  readonly text: string | null
  readonly html: string | null
  readonly attachments: readonly MailAttachment[]
}

export interface MailAttachment {
  readonly name: string
  readonly contentType: string
  /** What the HTML calls it by (`cid:`); null for one that it does not show. */
  readonly contentId: string | null
  /** Base64. */
  readonly content: string
}

/** An id in the form of SES's, which sorts by time. */
export const mailId = (atMs: number): string =>
  `${atMs.toString(16).padStart(16, '0')}-${randomUUID()}-000000`

/** Leaves a mail in the folder; it appears whole. */
export async function storeMail(directory: string, mail: Mail): Promise<void> {
  const file = join(directory, `${mail.id}.json`)
  await mkdir(directory, { recursive: true })
  await writeFile(`${file}.part`, `${JSON.stringify(mail, undefined, 2)}\n`)
  await rename(`${file}.part`, file)
}

/** `a@example.com` of `A <a@example.com>`, as it is written. */
export const addressOf = (mailbox: string): string => /<([^<>]*)>\s*$/.exec(mailbox)?.[1] ?? mailbox.trim()
