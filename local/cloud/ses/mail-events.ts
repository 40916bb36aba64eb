import { ACCOUNT, arn } from '../account.ts'
import type { BusEvent } from '../events/event-bus.ts'
import { addressOf, type Mail, mailId } from './mail.ts'
import type { ConfigurationSet } from './mail-resources.ts'

/**
 * What SES tells EventBridge of a mail: that it was sent, and what became of it at each recipient. All are delivered but
 * those of SES's own mailbox simulator.
 * https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html (mailbox simulator)
 * https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-examples.html (details)
 */
export function eventsOf(
  mail: Mail,
  tags: Readonly<Record<string, readonly string[]>>,
  { name, eventTypes }: ConfigurationSet,
): readonly BusEvent[] {
  const atMs = Date.parse(mail.at)
  const told: readonly Told[] = [
    { type: 'SEND', eventType: 'Send', detailType: 'Email Sent', member: { send: {} } },
    ...mail.to.flatMap((mailbox) => fateOf(addressOf(mailbox), mail.at)),
  ]
  return told
    .filter(({ type }) => eventTypes.includes(type))
    .map(({ eventType, detailType, member }) => ({
      source: 'aws.ses',
      detailType,
      atMs,
      resources: [arn('ses', `configuration-set/${name}`)],
      detail: { eventType, mail: mailOf(mail, { ...tags, 'ses:configuration-set': [name] }), ...member },
    }))
}

interface Told {
  /** As configuration sets name it. */
  readonly type: string
  readonly eventType: string
  readonly detailType: string
  readonly member: object
}

/** Labels count too: `bounce+label@simulator.amazonses.com`. */
const SIMULATOR = /^(bounce|complaint|suppressionlist|ooto|success)(\+[^@]*)?@simulator\.amazonses\.com$/i

function fateOf(address: string, timestamp: string): readonly Told[] {
  const simulated = SIMULATOR.exec(address)?.[1]?.toLowerCase()
  const feedbackId = mailId(Date.parse(timestamp))
  if (simulated === 'bounce' || simulated === 'suppressionlist') {
    const isSuppressed = simulated === 'suppressionlist'
    const bounce = {
      feedbackId,
      bounceType: 'Permanent',
      bounceSubType: isSuppressed ? 'OnAccountSuppressionList' : 'General',
      bouncedRecipients: [
        {
          emailAddress: address,
          action: 'failed',
          status: '5.1.1',
          diagnosticCode: isSuppressed
            ? 'Amazon SES did not send the message to this address because it is on the suppression list for your account.'
            : 'smtp; 550 5.1.1 user unknown',
        },
      ],
      timestamp,
    }
    return [{ type: 'BOUNCE', eventType: 'Bounce', detailType: 'Email Bounced', member: { bounce } }]
  }
  const delivery = {
    timestamp,
    processingTimeMillis: 1,
    recipients: [address],
    smtpResponse: '250 ok',
    reportingMTA: 'local',
  }
  const delivered: Told = {
    ...{ type: 'DELIVERY', eventType: 'Delivery', detailType: 'Email Delivered' },
    member: { delivery },
  }
  if (simulated !== 'complaint') return [delivered]
  const complaint = {
    feedbackId,
    complainedRecipients: [{ emailAddress: address }],
    complaintFeedbackType: 'abuse',
    complaintSubType: null,
    timestamp,
  }
  return [
    delivered,
    {
      ...{ type: 'COMPLAINT', eventType: 'Complaint', detailType: 'Email Complaint Received' },
      member: { complaint },
    },
  ]
}

const mailOf = (
  { id, at, from, to, subject, headers }: Mail,
  tags: Readonly<Record<string, readonly string[]>>,
) => ({
  timestamp: at,
  source: from,
  sendingAccountId: ACCOUNT,
  messageId: id,
  destination: to.map(addressOf),
  headersTruncated: false,
  headers: Object.entries({ From: from, To: to.join(', '), Subject: subject, ...headers }).map(
    ([name, value]) => ({ name, value }),
  ),
  commonHeaders: { from: [from], to, subject, messageId: id },
  tags,
})
