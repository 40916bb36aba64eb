/**
 * An error with a stable code. Errors of Postgres, Kafka and Keepa are translated into it where they arise; unknown
 * ones are rethrown unchanged.
 */
export class KeeperError extends Error {
  override readonly name = 'KeeperError'
  /** A stable id in snake_case, for logs, metrics and tests. */
  readonly code: string
  /** True if the same call may succeed later: the infrastructure failed, not the data. */
  readonly retriable: boolean

  constructor(code: string, message: string, options: { cause?: unknown; retriable?: boolean } = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.retriable = options.retriable ?? false
  }
}

/** The message of anything that was thrown; for an AggregateError (all addresses of a host), the messages inside. */
export function messageOf(error: unknown): string {
  const { message, errors } = (error ?? {}) as { message?: unknown; errors?: unknown }
  if (Array.isArray(errors) && !message) return errors.map(messageOf).join('; ')
  return typeof message === 'string' ? message : String(error)
}

/** The `code` of anything that was thrown: KeeperError's, Postgres's SQLSTATE or Node's (`ECONNREFUSED`). */
export const codeOf = (error: unknown): string | undefined => {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : undefined
}
