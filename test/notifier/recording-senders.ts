import type { Message, RenderedMessage } from '../../lambdas/core/mail/message.ts'
import type { ChannelKind, Outcome, Sender, Senders } from '../../lambdas/notifier/channels/channel.ts'

/** A message in plain words, for tests that look at how it travels and not at how it looks. */
export function renderPlain(message: Message): RenderedMessage {
  const lines =
    'alerts' in message
      ? message.alerts.map(({ product, price, cause }) => `${product.asin} ${price} ${cause}`)
      : [message.kind]
  const text = [`${message.kind} of ${lines.length}`, ...lines].join('\n')
  return { subject: lines[0] ?? '', html: text, text, attachments: [], summary: text, url: null }
}

/** What the service answers, as an outcome: the classes of channel.ts by HTTP status. */
async function outcomeOf(response: Response): Promise<Outcome> {
  const body = await response.text()
  if (response.ok) return { result: 'sent', providerId: body }
  const reason = `answered ${response.status}`
  if (response.status === 410) return { result: 'refused', reason, isChannelDead: true }
  if (response.status === 400) return { result: 'refused', reason }
  if (response.status === 403) return { result: 'stopped', reason }
  const seconds = response.headers.get('retry-after')
  return { result: 'again', reason, ...(seconds ? { afterMs: Number(seconds) * 1_000 } : {}) }
}

const KINDS = ['email', 'webhook', 'ntfy', 'slack', 'discord', 'telegram'] as const

/** Senders of every kind to the recording service at `url`. */
export function recordingSenders(
  url: string,
  around: (send: () => Promise<Outcome>) => Promise<Outcome> = (send) => send(),
): Senders {
  const senderOf = (kind: ChannelKind): Sender => ({
    request: (channel, { messageId, rendered, unsubscribeUrl }) => ({
      kind,
      id: messageId,
      to: channel.address,
      text: rendered.text,
      unsubscribeUrl,
      // Differs each time it is made: a retry that made its request again would not send the same.
      madeAt: performance.now(),
    }),
    send: (_channel, request, _messageId, signal) =>
      around(async () => {
        try {
          const body = JSON.stringify(request)
          return await outcomeOf(await fetch(`${url}/${kind}`, { method: 'POST', body, signal }))
        } catch (error) {
          return { result: 'again', reason: (error as Error).name }
        }
      }),
  })
  return Object.fromEntries(KINDS.map((kind) => [kind, senderOf(kind)])) as unknown as Senders
}
