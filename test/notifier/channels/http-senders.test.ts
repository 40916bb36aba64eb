import { expect, test } from '@jest/globals'
import type { Channel, Outcome } from '../../../lambdas/notifier/channels/channel.ts'
import type { Posted } from '../../../lambdas/notifier/channels/post.ts'
import { createSenders, senderSettingsIn } from '../../../lambdas/notifier/channels/senders.ts'
import { channelOf, outgoing } from './outgoing.ts'

const NEVER = new AbortController().signal

/** What would be posted for a channel, and what is stored of it. */
async function sentTo(channel: Channel, name = 'two alerts') {
  const posted: Posted[] = []
  const post = async (request: Posted): Promise<Outcome> => {
    posted.push(request)
    return { result: 'sent', providerId: null }
  }
  const sender = createSenders(senderSettingsIn({}), { post })[channel.kind]
  const stored = JSON.stringify(sender.request(channel, outgoing(name)))
  const outcome = await sender.send(channel, JSON.parse(stored), '31', NEVER)
  return { stored, outcome, posted, body: JSON.parse(posted[0]?.body ?? 'null') }
}

const SECRETS: readonly Channel[] = [
  channelOf('webhook', 'https://hook.example.com/in', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'),
  channelOf('ntfy', 'https://ntfy.example.com/prices', 'tk_secretsecret'),
  channelOf('slack', '#prices', 'https://hooks.slack.example/services/T0/B0/secretsecret'),
  channelOf('discord', 'prices', 'https://discord.example/api/webhooks/1/secretsecret'),
  channelOf('telegram', '-100123', '123:secretsecret'),
]

test.each(SECRETS)('stores nothing secret of $kind, and sends by it', async (channel) => {
  const { stored, outcome, posted } = await sentTo(channel)
  expect(outcome.result).toBe('sent')
  expect(stored).not.toContain(String(channel.secret))
  expect(stored).not.toMatch(/secretsecret|MfKQ9r8/)
  if (channel.kind !== 'webhook') expect(JSON.stringify(posted)).toContain('secretsecret')
})

test.each(SECRETS)('sends the same body to $kind at each attempt', async (channel) => {
  const posted: Posted[] = []
  const post = async (request: Posted): Promise<Outcome> => {
    posted.push(request)
    return { result: 'again', reason: 'HTTP 500' }
  }
  const sender = createSenders(senderSettingsIn({}), { post })[channel.kind]
  const request = sender.request(channel, outgoing('alert'))
  await sender.send(channel, request, '31', NEVER)
  await sender.send(channel, request, '31', NEVER)
  expect(posted[1]?.body).toBe(posted[0]?.body)
})

test.each(SECRETS.filter(({ kind }) => kind !== 'ntfy'))(
  'refuses $kind without its secret',
  async (channel) => {
    const { outcome, posted } = await sentTo({ ...channel, secret: null })
    expect(outcome).toMatchObject({
      result: 'refused',
      reason: expect.stringContaining('The channel has no'),
    })
    expect(posted).toEqual([])
  },
)

test('tells ntfy the title, the text, where a tap leads, and how loud it is', async () => {
  const { posted, body } = await sentTo(channelOf('ntfy', 'https://ntfy.example.com/prices', 'tk_1'), 'alert')
  expect(posted[0]).toMatchObject({
    url: 'https://ntfy.example.com/',
    headers: { authorization: 'Bearer tk_1' },
  })
  expect(body).toMatchObject({
    topic: 'prices',
    title: expect.stringMatching(/^84,99/),
    message: expect.stringContaining('AKG K371'),
    click: expect.stringContaining('B07W6JN8V8'),
    priority: 4,
    tags: ['moneybag'],
  })
})

test('publishes to an open topic of ntfy without a token', async () => {
  const { posted } = await sentTo(channelOf('ntfy', 'https://ntfy.example.com/prices'))
  expect(posted[0]?.headers).toEqual({})
})

test('refuses an address of ntfy that names no topic', async () => {
  const { outcome } = await sentTo(channelOf('ntfy', 'https://ntfy.example.com/'))
  expect(outcome).toMatchObject({ result: 'refused' })
})

test("a product's title is only text for Slack: no link, no mention", async () => {
  const { body } = await sentTo(channelOf('slack', '#prices', 'https://hooks.slack.example/x'))
  expect(body.text).toContain('&lt;script&gt;alert("x")&lt;/script&gt; &amp; "Tee"')
  expect(body).toMatchObject({ mrkdwn: false })
})

test("a product's title is only text for Discord, and calls nobody", async () => {
  const { body } = await sentTo(channelOf('discord', 'prices', 'https://discord.example/x'))
  expect(body.content).toContain('\\<script\\>alert\\("x"\\)\\</script\\>')
  expect(body.content.length).toBeLessThanOrEqual(2_000)
  expect(body.allowed_mentions).toEqual({ parse: [] })
})

test("a product's title is only text for Telegram", async () => {
  const { posted, body } = await sentTo(channelOf('telegram', '-100123', '123:abc'))
  expect(posted[0]?.url).toBe('https://api.telegram.org/bot123:abc/sendMessage')
  expect(body).toMatchObject({ chat_id: '-100123', parse_mode: 'HTML' })
  expect(body.text).toContain('&lt;script&gt;')
})

test('a token cannot lead elsewhere', async () => {
  const { posted } = await sentTo(channelOf('telegram', '-100123', '1/../../x?y=#'))
  expect(posted[0]?.url).toBe('https://api.telegram.org/bot1%2F..%2F..%2Fx%3Fy%3D%23/sendMessage')
})
