import { type LeftKind, type LinkKeys, type LinkScope, signLink } from './link-tokens.ts'
import type { MessageKind, MessageLinks } from './message.ts'

/** Where the public page is, and what signs its links. */
export interface PublicLinks {
  /** Ends with a slash. */
  readonly baseUrl: string
  readonly keys: LinkKeys
}

/** What a person leaves who wants no more messages of a kind; null where there is nothing to leave. */
const LEFT_WITH: Readonly<Record<MessageKind, LeftKind | null>> = {
  alert: 'alert',
  digest: 'alert',
  report: 'report',
  notice: 'notice',
  // Sent only because somebody asked for it.
  test: null,
}

/** Without a public address a message offers none: it names commands instead. */
export const NO_LINKS: MessageLinks = { pauseWatch: () => null, leaveKind: null }

/** The addresses that a message of one user offers. */
export function linksFor(places: PublicLinks | undefined, userId: string, kind: MessageKind): MessageLinks {
  if (!places) return NO_LINKS
  const { baseUrl, keys } = places
  const address = (scope: LinkScope) => `${baseUrl}${signLink(keys, { userId, scope })}`
  const left = LEFT_WITH[kind]
  return {
    pauseWatch: (watchId) => address(`watch:${watchId}`),
    leaveKind: left === null ? null : address(`kind:${left}`),
  }
}
