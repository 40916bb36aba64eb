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

/** AWS's errors of a caller without credentials or rights, by name. */
const NOT_PERMITTED =
  /^(AccessDenied(Exception)?|CredentialsProviderError|ExpiredToken(Exception)?|UnrecognizedClientException|InvalidClientTokenId|InvalidSignatureException)$/

/** An error of an AWS call, said in a sentence: no credentials, no permission, not reached, or AWS's own words. */
export function explained(error: unknown, title: string, what: string): ClientError {
  const { name = '', message = '', code = '' } = error as { name?: string; message?: string; code?: string }
  if (NOT_PERMITTED.test(name)) {
    return new ClientError('not_permitted', `${title} does not let you use ${what}: ${message}`, error)
  }
  if (/^E[A-Z]+$/.test(code) || name === 'TimeoutError') {
    return new ClientError('unreachable', `${title} cannot be reached: ${message || code}.`, error)
  }
  if (name === 'ResourceNotFoundException') {
    return new ClientError('not_deployed', `${title} has no ${what}: deploy it, or start it again.`, error)
  }
  return new ClientError('aws_error', `${what} at ${title}: ${message}`, error)
}
