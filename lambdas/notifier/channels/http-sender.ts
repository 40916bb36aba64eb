import type { Channel, ChannelKind, Outcome, Outgoing, Sender } from './channel.ts'
import type { Post } from './post.ts'

/** How a service takes messages over HTTP. */
export interface HttpFormat {
  /** The body, which is stored: it holds nothing secret. */
  body(channel: Channel, outgoing: Outgoing): unknown
  /** Where it goes, and by what it is let in: made for each attempt, and never stored. */
  envelope(channel: Channel, body: string, messageId: string): Envelope
}

export interface Envelope {
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
}

/** What is wrong with a channel itself, in a sentence without anything secret. */
export class ChannelUnusable extends Error {
  override readonly name = 'ChannelUnusable'
}

/** Sends over HTTP in a service's format. */
export const createHttpSender = (kind: ChannelKind, format: HttpFormat, post: Post): Sender => ({
  request: (channel, outgoing) => ({ kind, body: JSON.stringify(format.body(channel, outgoing)) }),
  send: async (channel, request, messageId, signal): Promise<Outcome> => {
    const body = String(request.body)
    try {
      return await post({ ...asGiven(format.envelope(channel, body, messageId)), body }, signal)
    } catch (error) {
      if (!(error instanceof ChannelUnusable)) throw error
      return { result: 'refused', reason: error.message }
    }
  },
})

const asGiven = ({ url, headers = {} }: Envelope) => ({ url, headers })

/** @throws ChannelUnusable */
export function secretOf({ secret }: Channel, what: string): string {
  if (secret) return secret
  throw new ChannelUnusable(`The channel has no ${what}: remove it and add it with one.`)
}
