import type { Message } from '../../../lambdas/core/mail/message.ts'
import { renderMessage } from '../../../lambdas/core/mail/render.ts'
import type { Channel, ChannelKind, Outgoing } from '../../../lambdas/notifier/channels/channel.ts'
import { MESSAGES, NOW } from '../../core/mail/samples.ts'

/** A message on its way, as the notifier makes it. */
export const outgoing = (name: string, unsubscribeUrl: string | null = null): Outgoing => {
  const message = MESSAGES[name] as Message
  const links = { pauseWatch: () => null, leaveKind: unsubscribeUrl }
  const reader = { locale: 'de', timeZone: 'Europe/Berlin' }
  return { messageId: '31', message, rendered: renderMessage(message, reader, links, NOW), unsubscribeUrl }
}

export const channelOf = (kind: ChannelKind, address: string, secret: string | null = null): Channel => ({
  ...{ id: '5', kind, address, secret },
})
