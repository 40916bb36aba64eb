/** What the local AWS cannot do or read, in a sentence for the person who started it. */
export class CloudError extends Error {
  override readonly name = 'CloudError'
  /** A stable id in snake_case. */
  readonly code: string

  constructor(code: string, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options)
    this.code = code
  }
}

/** The message of anything that was thrown; of an error that gathers others (all addresses of a host), theirs. */
export function messageOf(error: unknown): string {
  const { message, errors } = (error ?? {}) as { message?: unknown; errors?: unknown }
  if (Array.isArray(errors) && !message) return errors.map(messageOf).join('; ')
  return typeof message === 'string' ? message : String(error)
}

/** The `code` of anything that was thrown, such as Node's `ECONNREFUSED`. */
export const codeOf = (error: unknown): string | undefined => {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : undefined
}
