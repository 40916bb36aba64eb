import type { Channel, Outgoing } from './channel.ts'
import { clipped } from './clipped.ts'
import { type HttpFormat, secretOf } from './http-sender.ts'

/*
 * Chat services: the message's subject, its summary and its link, each in the service's own markup. Text of the market is
 * escaped after it is clipped, so that no escape is cut.
 */

/** https://docs.slack.dev/messaging/formatting-message-text: `&`, `<` and `>` are Slack's control characters. */
const slackText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** An incoming webhook, whose address is the secret. */
export const slack: HttpFormat = {
  body: (_, outgoing) => ({
    text: partsOf(outgoing, 3_000, slackText, (url) => `<${slackText(url)}>`),
    // Asterisks and the like in a product's title stay what they are.
    mrkdwn: false,
    unfurl_links: false,
  }),
  envelope: (channel) => ({ url: secretOf(channel, 'webhook address') }),
}

/** https://discord.com/developers/docs/reference#message-formatting */
const discordText = (text: string): string => text.replace(/[\\*_~`|<>#[\]():@-]/g, '\\$&')

/** https://discord.com/developers/docs/resources/webhook#execute-webhook; the address is the secret. */
export const discord: HttpFormat = {
  body: (_, outgoing) => ({
    // At most 2,000 characters, of which escapes may take half.
    content: partsOf(outgoing, 900, discordText, (url) => `<${url}>`),
    // A title with @everyone in it calls nobody.
    allowed_mentions: { parse: [] },
  }),
  envelope: (channel) => ({ url: secretOf(channel, 'webhook address') }),
}

const telegramText = slackText

/** https://core.telegram.org/bots/api#sendmessage: the address is the chat, the secret the bot's token. */
export const telegram = (baseUrl: string): HttpFormat => ({
  body: ({ address }: Channel, outgoing) => ({
    chat_id: address,
    text: partsOf(outgoing, 3_500, telegramText, telegramText),
    // Three characters have a meaning in it, against eighteen in MarkdownV2.
    parse_mode: 'HTML',
    link_preview_options: { is_disabled: true },
  }),
  envelope: (channel) => ({
    url: `${baseUrl}/bot${encodeURIComponent(secretOf(channel, 'bot token')).replaceAll('%3A', ':')}/sendMessage`,
  }),
})

function partsOf(
  { rendered: { subject, summary, url } }: Outgoing,
  most: number,
  escaped: (text: string) => string,
  link: (url: string) => string,
): string {
  const text = clipped(`${subject}\n${summary}`, most)
  return [escaped(text), ...(url ? [link(url)] : [])].join('\n')
}
