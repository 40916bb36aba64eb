import type { MessageKind } from '../../core/mail/message.ts'
import type { Channel } from './channel.ts'
import { clipped } from './clipped.ts'
import { ChannelUnusable, type HttpFormat } from './http-sender.ts'

/** https://docs.ntfy.sh/publish/#limitations: a longer message would become an attachment. */
const MOST_BYTES = 4_096

/** https://docs.ntfy.sh/publish/#message-priority: 3 is what phones show as usual, 4 sounds longer. */
const LOOK: Readonly<Record<MessageKind, { readonly priority: number; readonly tags: readonly string[] }>> = {
  alert: { priority: 4, tags: ['moneybag'] },
  digest: { priority: 3, tags: ['moneybag'] },
  report: { priority: 3, tags: ['newspaper'] },
  notice: { priority: 3, tags: ['warning'] },
  test: { priority: 3, tags: ['white_check_mark'] },
}

/** ntfy's publishing as JSON: the address is that of the topic, the secret an access token, if the topic needs one. */
export const ntfy: HttpFormat = {
  body: (channel, { message, rendered }) => ({
    topic: topicOf(channel).topic,
    title: clipped(rendered.subject, 250),
    message: clipped(rendered.summary, MOST_BYTES, Buffer.byteLength),
    ...(rendered.url && { click: rendered.url }),
    ...LOOK[message.kind],
  }),
  envelope: (channel) => {
    const { server } = topicOf(channel)
    if (server === '') throw new ChannelUnusable("The channel's address is not that of a topic.")
    return { url: server, ...(channel.secret && { headers: { authorization: `Bearer ${channel.secret}` } }) }
  },
}

/**
 * JSON goes to the server's own address, with the topic in it. https://docs.ntfy.sh/publish/#publish-as-json
 * A topic that cannot be read is an empty one, so that the request can be stored; it is refused when it is sent.
 */
function topicOf({ address }: Channel): { readonly server: string; readonly topic: string } {
  const [, server = '', topic = ''] = /^(https?:\/\/.+\/)([-_A-Za-z0-9]{1,64})\/?$/.exec(address) ?? []
  return { server, topic }
}
