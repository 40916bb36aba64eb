import { GetAccountCommand, SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2'
import type { MailService } from './email.ts'
import { createPacer, type Pacer } from './pacer.ts'

/** The rate of an account that says none: that of a new one. https://docs.aws.amazon.com/ses/latest/dg/quotas.html */
const LEAST_RATE = 1

/** How long a rate is taken for the account's: it rises by itself as an account sends. */
const RATE_AGE_MS = 10 * 60_000

const TIMEOUT_MS = 10_000

/**
 * SES itself, at the rate of the account. Without retries of the SDK: SES has no token by which it would know a mail
 * again, so each attempt is one that the trail shows.
 */
export function createSes(
  client: Pick<SESv2Client, 'send'> = new SESv2Client({ maxAttempts: 1 }),
): MailService {
  let pacer: { readonly pace: Pacer; readonly untilMs: number } | undefined
  const currentPace = async (): Promise<Pacer> => {
    if (pacer === undefined || Date.now() > pacer.untilMs) {
      pacer = { pace: createPacer(await rateOf(client)), untilMs: Date.now() + RATE_AGE_MS }
    }
    return pacer.pace
  }
  let asking: Promise<Pacer> | undefined
  return {
    send: async (input, signal) => {
      asking ??= currentPace().finally(() => {
        asking = undefined
      })
      await (await asking)(signal)
      const abortSignal = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
      const { MessageId } = await client.send(new SendEmailCommand(input), { abortSignal })
      return MessageId ?? null
    },
  }
}

/** Mails a second. An account that does not say it (no permission, no network) gets the least: sending says what is wrong. */
async function rateOf(client: Pick<SESv2Client, 'send'>): Promise<number> {
  try {
    const { SendQuota } = await client.send(new GetAccountCommand(), {
      abortSignal: AbortSignal.timeout(TIMEOUT_MS),
    })
    return Math.max(SendQuota?.MaxSendRate ?? LEAST_RATE, LEAST_RATE)
  } catch {
    return LEAST_RATE
  }
}
