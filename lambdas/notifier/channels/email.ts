import type { SendEmailRequest } from '@aws-sdk/client-sesv2'
import { asciiAddress } from '../../core/mail/address.ts'
import type { Channel, ChannelRequest, Outcome, Outgoing, Sender } from './channel.ts'
import { outcomeOfError } from './ses-errors.ts'

/** The name of the tag that SES's events have with the message's id. */
export const MESSAGE_TAG = 'keeper-message'

/** Hands mails to SES; the ids that it gives them. */
export interface MailService {
  /** Waits until SES's rate lets another mail through, then sends once: no retries of its own. */
  send(input: SendEmailRequest, signal: AbortSignal): Promise<string | null>
}

/** Who mails come from. */
export interface MailSettings {
  /** Null where there is no sender: nothing is mailed. */
  readonly from: string | null
  readonly configurationSet: string | null
}

/** A header's value has at most as many characters: the names of headers take some of SES's 998. */
const MOST_HEADER_CHARACTERS = 900

/**
 * Mails through SES. The request has all but the sender and the configuration set: these belong to the deployment, and a
 * message that waits goes out from the sender of the day.
 */
export const createEmailSender = (
  service: MailService,
  { from, configurationSet }: MailSettings,
): Sender => ({
  request: (channel, outgoing) => requestOf(channel, outgoing),
  send: async (_, request, messageId, signal): Promise<Outcome> => {
    if (from === null) {
      return {
        result: 'refused',
        reason: 'This Keeper sends no e-mail: it was deployed without the setting mailFrom.',
      }
    }
    const { kind: _kind, attachments, ...content } = request as unknown as StoredMail
    try {
      const providerId = await service.send(
        {
          FromEmailAddress: from,
          ...(configurationSet && { ConfigurationSetName: configurationSet }),
          Destination: { ToAddresses: [asciiAddress(content.to)] },
          Content: {
            Simple: {
              Subject: { Data: content.subject, Charset: 'UTF-8' },
              Body: {
                Text: { Data: content.text, Charset: 'UTF-8' },
                Html: { Data: content.html, Charset: 'UTF-8' },
              },
              Headers: content.headers.map(([Name, Value]) => ({ Name, Value })),
              ...(attachments.length > 0 && { Attachments: attachments.map(attachmentOf) }),
            },
          },
          EmailTags: [{ Name: MESSAGE_TAG, Value: messageId }],
        },
        signal,
      )
      return { result: 'sent', providerId }
    } catch (error) {
      return outcomeOfError(error, from)
    }
  },
})

/** A mail as `deliveries.request` has it. */
interface StoredMail {
  readonly kind: 'email'
  readonly to: string
  readonly subject: string
  readonly html: string
  readonly text: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** Bytes are Base64. */
  readonly attachments: readonly StoredAttachment[]
}

interface StoredAttachment {
  readonly contentId: string
  readonly name: string
  readonly contentType: string
  readonly bytes: string
}

function requestOf({ address }: Channel, outgoing: Outgoing): ChannelRequest {
  const { subject, html, text, attachments } = outgoing.rendered
  const mail: StoredMail = {
    ...{ kind: 'email', to: address, subject, html, text },
    headers: headersOf(outgoing),
    attachments: attachments.map(({ bytes, ...attachment }) => ({
      ...attachment,
      bytes: Buffer.from(bytes).toString('base64'),
    })),
  }
  return { ...mail }
}

function headersOf({ messageId, message, unsubscribeUrl }: Outgoing): StoredMail['headers'] {
  const alerts = 'alerts' in message ? message.alerts.map(({ alertId }) => alertId) : []
  return [
    ['X-Keeper-Message-Id', messageId],
    ...(alerts.length > 0 ? [['X-Keeper-Alert-Id', listed(alerts)] as const] : []),
    // No automatic answers: https://www.rfc-editor.org/rfc/rfc3834#section-5
    ['Auto-Submitted', 'auto-generated'],
    // https://www.rfc-editor.org/rfc/rfc8058#section-3.1
    ...(unsubscribeUrl === null
      ? []
      : ([
          ['List-Unsubscribe', `<${unsubscribeUrl}>`],
          ['List-Unsubscribe-Post', 'List-Unsubscribe=One-Click'],
        ] as const)),
  ]
}

/** As many as fit. */
function listed(ids: readonly string[]): string {
  let text = ''
  for (const id of ids) {
    const longer = text === '' ? id : `${text}, ${id}`
    if (longer.length > MOST_HEADER_CHARACTERS) break
    text = longer
  }
  return text
}

const attachmentOf = ({ contentId, name, contentType, bytes }: StoredAttachment) => ({
  RawContent: Buffer.from(bytes, 'base64'),
  ContentDisposition: 'INLINE' as const,
  ContentId: contentId,
  ContentType: contentType,
  ContentTransferEncoding: 'BASE64' as const,
  FileName: name,
})
