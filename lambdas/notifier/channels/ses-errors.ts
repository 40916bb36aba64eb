import { codeOf, messageOf } from '../../core/errors.ts'
import type { Outcome } from './channel.ts'

/**
 * What an error of SES means for a mail.
 * https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html, "Errors"
 */

/** Nothing can be sent until someone changes the account, the identity or the function's rights. */
const STOPS = new Set([
  'AccountSuspendedException',
  'SendingPausedException',
  'MailFromDomainNotVerifiedException',
  // The configuration set is not there.
  'NotFoundException',
  'AccessDeniedException',
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'SignatureDoesNotMatch',
  'CredentialsProviderError',
])

/** The service is busy, or the account's quota of the moment is used up. */
const PASSES = new Set([
  'TooManyRequestsException',
  'LimitExceededException',
  'ThrottlingException',
  'Throttling',
])

/** @param from the sender: SES calls its identity and an unverified recipient (in the sandbox) by the same error */
export function outcomeOfError(error: unknown, from: string): Outcome {
  const { name = 'Error', $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } }
  const status = $metadata?.httpStatusCode
  if (STOPS.has(name) || (name === 'MessageRejected' && isSenderUnverified(messageOf(error), from))) {
    return { result: 'stopped', reason: `SES: ${name}: ${messageOf(error)}` }
  }
  if (status === undefined) {
    const isTimeout = name === 'AbortError' || name === 'TimeoutError'
    return {
      result: 'again',
      reason: isTimeout ? 'SES was not reached in time.' : `SES: ${codeOf(error) ?? name}`,
    }
  }
  const result = PASSES.has(name) || status >= 500 || status === 429 ? 'again' : 'refused'
  return { result, reason: `SES: ${name}: ${messageOf(error)}` }
}

/** "Email address is not verified. The following identities failed the check in region EU-CENTRAL-1: a@example.com" */
function isSenderUnverified(message: string, from: string): boolean {
  if (!/not verified/i.test(message)) return false
  const identities = message.slice(message.lastIndexOf(':') + 1).toLowerCase()
  const sender = from.toLowerCase()
  return identities.includes(sender) || identities.split(/[\s,]+/).includes(sender.split('@')[1] ?? '')
}
