import type { Keeper } from './keeper.ts'
import { type LocalMail, localMail, localMails, pageOf } from './local-mail.ts'

/** A mail to a person: of a local run as it lies in its folder, of a stage as it was handed to SES. */
export interface MailSummary {
  readonly id: string
  readonly at: string
  readonly to: string
  readonly subject: string
  /** What became of it at SES; null of a local run, whose folder has all there are. */
  readonly status: string | null
}

export interface MailDetails extends MailSummary {
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly text: string | null
  /** Its HTML with the images in it. */
  readonly html: string | null
}

/** The newest mails, the newest first. */
export async function listMails(keeper: Keeper, most: number): Promise<readonly MailSummary[]> {
  if (keeper.state !== undefined) return (await localMails(keeper.state, most)).map(summaryOf)
  const { rows } = await keeper.call('mails.sent', {})
  return rows
    .slice(0, most)
    .map(({ id, at, to, subject, status }): MailSummary => ({ id, at, to, subject, status }))
}

/** @throws ClientError `no_such_mail` */
export async function showMail(keeper: Keeper, id: string): Promise<MailDetails> {
  if (keeper.state !== undefined) {
    const mail = await localMail(keeper.state, id)
    const { from, to, headers, text } = mail
    return {
      ...summaryOf(mail),
      headers: Object.entries({ From: from, To: to.join(', '), Subject: mail.subject, ...headers }),
      text,
      html: mail.html === null ? null : pageOf(mail),
    }
  }
  const { at, to, subject, status, headers, text, html, attachments } = await keeper.call('mails.sent-one', {
    id,
  })
  return {
    ...{ id, at, to, subject, status, text },
    headers: [['To', to], ['Subject', subject], ...headers],
    html: attachments.reduce<string | null>(
      (page, { contentId, contentType, bytes }) =>
        page?.replaceAll(`cid:${contentId}`, `data:${contentType};base64,${bytes}`) ?? null,
      html,
    ),
  }
}

const summaryOf = ({ id, at, to, subject }: LocalMail): MailSummary => ({
  ...{ id, at, subject, status: null },
  to: to.join(', '),
})
