import type { Message } from '../../core/mail/message.ts'
import type { Outgoing } from './channel.ts'
import { ChannelUnusable, type HttpFormat, secretOf } from './http-sender.ts'
import { keysOf, signedHeaders } from './webhook-signature.ts'

/** Signed webhooks by the Standard Webhooks specification. The body is a contract: docs/webhooks.md. */
export const webhook: HttpFormat = {
  body: (_, { message, rendered }: Outgoing) => ({
    type: TYPES[message.kind],
    timestamp: new Date().toISOString(),
    data: { ...factsOf(message), summary: rendered.summary, url: rendered.url },
  }),
  envelope: (channel, body, messageId) => {
    const keys = keysOf(secretOf(channel, 'signing secret'))
    if (!keys) {
      throw new ChannelUnusable(
        "The channel's secret is not whsec_ with 24 to 64 bytes in Base64, or two of them with a blank between.",
      )
    }
    return { url: channel.address, headers: signedHeaders(keys, `msg_${messageId}`, body) }
  },
}

const TYPES = {
  alert: 'price.alert',
  digest: 'price.digest',
  report: 'deals.report',
  notice: 'watch.notice',
  test: 'channel.test',
} as const satisfies Record<Message['kind'], string>

/** Without the points of charts: they would be most of a body, and a receiver has a history of its own. */
function factsOf(message: Message): object {
  const { kind: _, ...facts } = message
  switch (message.kind) {
    case 'alert':
    case 'digest':
      return {
        alerts: message.alerts.map(({ history: { points: _, ...history }, ...alert }) => ({
          ...alert,
          history,
        })),
      }
    case 'report':
      return { day: message.day, deals: message.deals.map(({ points: _, ...deal }) => deal) }
    case 'test':
      return {}
    default:
      return facts
  }
}
