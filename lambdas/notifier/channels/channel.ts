import type { Message, RenderedMessage } from '../../core/mail/message.ts'

/** `notification_channels.kind`. */
export type ChannelKind = 'email' | 'webhook' | 'ntfy' | 'slack' | 'discord' | 'telegram'

/** Where a person is told. */
export interface Channel {
  /** Null for the e-mail of a user without a channel: `users.email`. */
  readonly id: string | null
  readonly kind: ChannelKind
  /** May be shown. */
  readonly address: string
  /** Token, key or webhook address: never shown, never logged. */
  readonly secret: string | null
}

/** A message on its way to one channel. */
export interface Outgoing {
  /** The same at every attempt: a receiver may use it to drop repeats. */
  readonly messageId: string
  readonly message: Message
  readonly rendered: RenderedMessage
  /** Address of the page that ends such messages, for List-Unsubscribe (RFC 8058). */
  readonly unsubscribeUrl: string | null
}

/**
 * The request to a channel's service, as JSON: `deliveries.request`. It is made once and stored before the first attempt, so that
 * a retry sends the same. It holds nothing secret.
 */
export interface ChannelRequest {
  readonly kind: ChannelKind
  readonly [field: string]: unknown
}

/** What became of an attempt. */
export type Outcome =
  | { readonly result: 'sent'; readonly providerId: string | null }
  /** Trouble that may pass: try again, not before `afterMs` if the service named a time. */
  | { readonly result: 'again'; readonly reason: string; readonly afterMs?: number }
  /** It will not be taken, however often it is sent; `isChannelDead` if no other message will be either. */
  | { readonly result: 'refused'; readonly reason: string; readonly isChannelDead?: boolean }
  /** Nothing can be sent to anyone: account suspended, sending paused, sender not verified. */
  | { readonly result: 'stopped'; readonly reason: string }

/** Sends to one kind of channel. */
export interface Sender {
  /** The request that tells `outgoing` to `channel`. */
  request(channel: Channel, outgoing: Outgoing): ChannelRequest
  /**
   * Sends it. Never throws for what the service or the network does.
   * @param signal aborted when the invocation's time is over
   */
  send(channel: Channel, request: ChannelRequest, messageId: string, signal: AbortSignal): Promise<Outcome>
}

/** The sender of each kind. */
export type Senders = Readonly<Record<ChannelKind, Sender>>
