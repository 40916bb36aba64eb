import { createHmac, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterEach, expect, test } from '@jest/globals'
import type { Channel } from '../../../lambdas/notifier/channels/channel.ts'
import { createSenders, senderSettingsIn } from '../../../lambdas/notifier/channels/senders.ts'
import { keysOf, signedHeaders } from '../../../lambdas/notifier/channels/webhook-signature.ts'
import { MESSAGES } from '../../core/mail/samples.ts'
import { channelOf, outgoing } from './outgoing.ts'
import { openReceiver, type Receiver } from './receiver.ts'

let receiver: Receiver
afterEach(() => receiver?.close())

const NEVER = new AbortController().signal
const newSecret = () => `whsec_${randomBytes(32).toString('base64')}`

async function deliver(secret: string, name = 'alert') {
  receiver = await openReceiver()
  const channel: Channel = channelOf('webhook', `http://127.0.0.1:${receiver.port}/in`, secret)
  const { webhook } = createSenders(senderSettingsIn({ CHANNEL_ADDRESSES: 'local' }))
  const request = webhook.request(channel, outgoing(name))
  return { send: () => webhook.send(channel, request, '31', NEVER), received: receiver.received }
}

/** As a receiver does it, by the specification. */
function isSignedBy(secret: string, { headers, body }: Receiver['received'][number]): boolean {
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  const expected = `v1,${createHmac('sha256', key).update(signed).digest('base64')}`
  return String(headers['webhook-signature']).split(' ').includes(expected)
}

test("signs the specification's example as the specification does", () => {
  const keys = keysOf('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw') ?? []
  const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek'
  expect(signedHeaders(keys, id, '{"test": 2432232314}', 1_614_265_330)).toEqual({
    'webhook-id': id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
})

test('a receiver can check the signature, and knows a repeat by its id', async () => {
  const secret = newSecret()
  const { send, received } = await deliver(secret)
  await expect(send()).resolves.toMatchObject({ result: 'sent' })
  await expect(send()).resolves.toMatchObject({ result: 'sent' })
  expect(received.map((each) => isSignedBy(secret, each))).toEqual([true, true])
  expect(received.map(({ headers }) => headers['webhook-id'])).toEqual(['msg_31', 'msg_31'])
})

test('the timestamp is that of the attempt', async () => {
  const { send, received } = await deliver(newSecret())
  const before = Math.floor(Date.now() / 1_000)
  await send()
  const at = Number(received[0]?.headers['webhook-timestamp'])
  expect(at).toBeGreaterThanOrEqual(before)
  expect(at).toBeLessThanOrEqual(Date.now() / 1_000)
})

test('while a key is replaced, receivers with either of the two take the message', async () => {
  const [newer, older] = [newSecret(), newSecret()]
  const { send, received } = await deliver(`${newer} ${older}`)
  await send()
  const [one] = received as [Receiver['received'][number]]
  expect([newer, older, newSecret()].map((secret) => isSignedBy(secret, one))).toEqual([true, true, false])
})

test.each([
  ['my-own-password'],
  ['whsec_====='],
  ['whsec_c2hvcnQ='],
  [`whsec_${'!'.repeat(40)}`],
  [`${newSecret()} nonsense`],
  [`${newSecret()} ${newSecret()} ${newSecret()}`],
])('refuses the secret %s without repeating it', async (secret) => {
  const { send, received } = await deliver(secret)
  const outcome = await send()
  expect(outcome).toMatchObject({ result: 'refused', reason: expect.stringContaining('24 to 64 bytes') })
  expect(JSON.stringify(outcome)).not.toContain(secret)
  expect(received).toEqual([])
})

interface Body {
  readonly type: string
  readonly timestamp: string
  readonly data: Readonly<Record<string, unknown>>
}

test.each(Object.keys(MESSAGES))('the body of %s is what docs/webhooks.md says', async (name) => {
  const { send, received } = await deliver(newSecret(), name)
  await send()
  const { type, timestamp, data } = JSON.parse(received[0]?.body ?? '') as Body
  expect(Number.isNaN(Date.parse(timestamp))).toBe(false)
  const page = readFileSync('docs/webhooks.md', 'utf8')
  const documented = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(
    ([, text]) => JSON.parse(text ?? '') as Body,
  )
  const example = documented.find((body) => body.type === type)
  expect(shapeOf(data)).toEqual(shapeOf(example?.data))
})

/** Names, also of what is inside. */
const shapeOf = (value: unknown): unknown =>
  // Of a list its first: the others may lack what is null in them.
  Array.isArray(value)
    ? shapeOf(value[0])
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .sort()
            .map(([name, inner]) => [name, shapeOf(inner)]),
        )
      : ''
