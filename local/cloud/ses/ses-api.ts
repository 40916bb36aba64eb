import type { Clock } from '../clock.ts'
import type { BusEvent } from '../events/event-bus.ts'
import { ApiError, type AwsService } from '../protocols/api.ts'
import { fromJson } from '../protocols/json.ts'
import { restJsonAnswer, restJsonService } from '../protocols/rest-json.ts'
import { addressOf, type Mail, mailId, storeMail } from './mail.ts'
import { eventsOf } from './mail-events.ts'
import type { MailResources } from './mail-resources.ts'
import { readSendEmail, type SendEmail } from './send-email.ts'

export interface SesOptions {
  readonly mailDirectory: string
  readonly clock: Clock
  /** Takes what becomes of mails. */
  readonly tell: (event: BusEvent) => void
  /** Takes each mail once it is in its folder. */
  readonly stored?: (mail: Mail) => void
}

/** Of an account that has left the sandbox: https://docs.aws.amazon.com/ses/latest/dg/quotas.html */
const QUOTA = { Max24HourSend: 50_000, MaxSendRate: 14 }

/**
 * SES's API (version 2), as far as mails are sent and the account is looked at. A mail ends in the mail folder.
 * https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html
 * https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_GetAccount.html
 * https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_GetEmailIdentity.html
 */
export function createSesApi(
  { identities, configurationSets }: MailResources,
  { mailDirectory, clock, tell, stored }: SesOptions,
): AwsService {
  let sent = 0
  return restJsonService([
    {
      method: 'POST',
      path: '/v2/email/outbound-emails',
      answer: async (_, { body }) => {
        const request = readSendEmail(fromJson(body))
        const set = configurationSets.find(({ name }) => name === request.configurationSet)
        if (request.configurationSet !== undefined && !set) {
          throw notFound(`Configuration set <${request.configurationSet}> does not exist.`)
        }
        if (identityOf(request.from, identities) === undefined) {
          throw new ApiError(
            'MailFromDomainNotVerifiedException',
            `The identity of ${addressOf(request.from)} is not verified. There are ${identities.join(', ') || 'none'}.`,
          )
        }
        const mail = mailOf(request, clock.nowMs())
        await storeMail(mailDirectory, mail)
        sent += request.to.length
        stored?.(mail)
        if (set) for (const event of eventsOf(mail, request.tags, set)) tell(event)
        return restJsonAnswer(200, { MessageId: mail.id })
      },
    },
    {
      method: 'GET',
      path: '/v2/email/account',
      answer: () =>
        restJsonAnswer(200, {
          DedicatedIpAutoWarmupEnabled: false,
          EnforcementStatus: 'HEALTHY',
          ProductionAccessEnabled: true,
          SendQuota: { ...QUOTA, SentLast24Hours: sent },
          SendingEnabled: true,
          SuppressionAttributes: { SuppressedReasons: ['BOUNCE', 'COMPLAINT'] },
        }),
    },
    {
      method: 'GET',
      path: '/v2/email/identities/{EmailIdentity}',
      answer: ({ EmailIdentity: name = '' }) => {
        if (!identities.includes(name.toLowerCase())) {
          throw notFound(`Email identity ${name} does not exist.`)
        }
        return restJsonAnswer(200, {
          IdentityType: name.includes('@') ? 'EMAIL_ADDRESS' : 'DOMAIN',
          FeedbackForwardingStatus: true,
          VerifiedForSendingStatus: true,
          VerificationStatus: 'SUCCESS',
          DkimAttributes: {
            SigningEnabled: true,
            Status: 'SUCCESS',
            SigningAttributesOrigin: 'AWS_SES',
            Tokens: [],
          },
          MailFromAttributes: { BehaviorOnMxFailure: 'USE_DEFAULT_VALUE' },
          Policies: {},
          Tags: [],
        })
      },
    },
  ])
}

/** The address itself, its domain, or a domain above it. */
function identityOf(from: string, identities: readonly string[]): string | undefined {
  const address = addressOf(from).toLowerCase()
  const domain = address.slice(address.indexOf('@') + 1)
  return identities.find(
    (identity) => identity === address || identity === domain || domain.endsWith(`.${identity}`),
  )
}

const mailOf = ({ from, to, subject, headers, text, html, attachments }: SendEmail, atMs: number): Mail => ({
  id: mailId(atMs),
  at: new Date(atMs).toISOString(),
  ...{ from, to, subject, headers, text, html, attachments },
})

const notFound = (message: string): ApiError => new ApiError('NotFoundException', message, { status: 404 })
