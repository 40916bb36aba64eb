import { unicodeAddress } from '../core/mail/address.ts'

/** What SES says became of a mail, as far as something follows from it. */
export interface MailEvent {
  readonly kind: 'sent' | 'bounce' | 'complaint' | 'not-sent'
  /** Addresses that the mail was sent to, or that get no more mail. Empty where only this mail is lost. */
  readonly addresses: readonly string[]
  /** For people: `bounced: smtp; 550 5.1.1 user unknown`. Null for a mail that was sent. */
  readonly reason: string | null
  /** Keeper's message, by the tag that the notifier gives its mails; null for a mail of somebody else. */
  readonly messageId: string | null
  /** SES's id of the mail. */
  readonly providerId: string
}

const MESSAGE_TAG = 'keeper-message'
const MOST_CHARACTERS = 300

/**
 * Reads an event of SES from EventBridge. Undefined where nothing follows from it: a bounce that may pass (a full mailbox),
 * or feedback that says the mail was no spam.
 * https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html has the details' fields.
 */
export function readMailEvent(event: unknown): MailEvent | undefined {
  const { detail } = (event ?? {}) as { readonly detail?: Detail }
  const { mail, send, bounce, complaint, reject, failure } = detail ?? {}
  const tag = mail?.tags?.[MESSAGE_TAG]?.[0]
  const of = {
    messageId: tag !== undefined && /^[1-9]\d{0,17}$/.test(tag) ? tag : null,
    providerId: mail?.messageId ?? '',
  }
  if (send) {
    const addresses = (mail?.destination ?? []).flatMap(formsOf)
    return { ...of, kind: 'sent', addresses, reason: null }
  }
  if (bounce) {
    if (bounce.bounceType !== 'Permanent') return undefined
    const [first] = bounce.bouncedRecipients ?? []
    const reason = said('bounced', first?.diagnosticCode ?? bounce.bounceSubType)
    return { ...of, kind: 'bounce', addresses: addressesOf(bounce.bouncedRecipients), reason }
  }
  if (complaint) {
    // https://www.rfc-editor.org/rfc/rfc5965#section-7.3 and the registry of feedback types
    if (complaint.complaintFeedbackType === 'not-spam') return undefined
    const reason = said('marked as spam', complaint.complaintFeedbackType)
    return { ...of, kind: 'complaint', addresses: addressesOf(complaint.complainedRecipients), reason }
  }
  if (reject)
    return { ...of, kind: 'not-sent', addresses: [], reason: said('rejected by SES', reject.reason) }
  if (failure) {
    return {
      ...of,
      kind: 'not-sent',
      addresses: [],
      reason: said('not rendered by SES', failure.errorMessage),
    }
  }
  return undefined
}

interface Detail {
  readonly mail?: {
    readonly messageId?: string
    readonly destination?: readonly string[]
    readonly tags?: Readonly<Record<string, readonly string[] | undefined>>
  }
  readonly send?: object
  readonly bounce?: {
    readonly bounceType?: string
    readonly bounceSubType?: string
    readonly bouncedRecipients?: readonly Recipient[]
  }
  readonly complaint?: {
    readonly complaintFeedbackType?: string | null
    readonly complainedRecipients?: readonly Recipient[]
  }
  readonly reject?: { readonly reason?: string }
  readonly failure?: { readonly errorMessage?: string }
}

interface Recipient {
  readonly emailAddress?: string
  readonly diagnosticCode?: string
}

const addressesOf = (recipients: readonly Recipient[] = []): readonly string[] =>
  recipients.flatMap(({ emailAddress = '' }) => formsOf(emailAddress)).filter((address) => address !== '')

/** SES says a domain in Punycode, in which nobody may have written it. */
function formsOf(mailbox: string): readonly string[] {
  const address = bareAddress(mailbox)
  return [...new Set([address, unicodeAddress(address)])]
}

/** Some mail servers give an address with its name: `Ada <ada@example.com>`. */
const bareAddress = (mailbox: string): string =>
  (/<([^<>]*)>\s*$/.exec(mailbox)?.[1] ?? mailbox).trim().toLowerCase()

/** What other people's servers say is data: on one line, and not too long. */
function said(what: string, detail: string | null | undefined): string {
  const clean = (detail ?? '').replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim()
  return clean === '' ? what : `${what}: ${clean.slice(0, MOST_CHARACTERS)}`
}
