/** Why something could not be done, for people. */
export class ClientError extends Error {
  override readonly name = 'ClientError'
  /** A stable id in snake_case. */
  readonly code: string

  constructor(code: string, message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}

/** AWS's errors of a caller without credentials, and of one without rights, by name. */
const NO_CREDENTIALS =
  /^(CredentialsProviderError|ExpiredToken(Exception)?|UnrecognizedClientException|InvalidClientTokenId|InvalidSignatureException)$/
const DENIED = /^(AccessDenied(Exception)?|AccessDeniedFault|UnauthorizedOperation)$/
const THROTTLED = /^(Throttl.*|TooManyRequestsException|RequestThrottled|RequestLimitExceeded)$/
const NOT_FOUND = /^(ResourceNotFoundException|ResourceNotFound|QueueDoesNotExist|.*NonExistentQueue)$/

/**
 * An error of an AWS call, said in a sentence: no credentials, no permission, not reached, or AWS's own words.
 * @param what the action or the thing that was asked for
 */
export function explained(error: unknown, title: string, what: string): ClientError {
  if (error instanceof ClientError) return error
  const { name = '', message = '', code = '' } = error as { name?: string; message?: string; code?: string }
  if (DENIED.test(name)) {
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    const action = /not authorized to perform: (\S+)/.exec(message)?.[1] ?? what
    return new ClientError(
      'not_permitted',
      `You may not call ${action} at ${title}; the policies keeper-<stage>-read and keeper-<stage>-operate hold what the commands need. AWS says: ${message}`,
      error,
    )
  }
  if (NO_CREDENTIALS.test(name)) {
    return new ClientError(
      'not_permitted',
      `There are no valid AWS credentials for ${what} at ${title}: ${message}`,
      error,
    )
  }
  if (/^Region is missing/.test(message)) {
    return new ClientError(
      'no_region',
      'No AWS region is set: set AWS_REGION, or AWS_PROFILE to a profile that has one.',
      error,
    )
  }
  if (/^E[A-Z_]+$/.test(code) || name === 'TimeoutError') {
    return new ClientError('unreachable', `${title} cannot be reached: ${message || code}.`, error)
  }
  if (THROTTLED.test(name)) {
    return new ClientError('throttled', `AWS takes no more calls of ${what} for now: repeat it later.`, error)
  }
  if (NOT_FOUND.test(name)) {
    const sentence = /^[a-z-]+:[A-Z]/.test(what)
      ? `${title} has not what ${what} asked for: ${message}`
      : `${title} has no ${what}: deploy it, or start it again.`
    return new ClientError('not_deployed', sentence, error)
  }
  return new ClientError('aws_error', `${what} at ${title}: ${message}`, error)
}
