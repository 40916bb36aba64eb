import type { SendEmailRequest } from '@aws-sdk/client-sesv2'
import { expect, test } from '@jest/globals'
import { createEmailSender } from '../../../lambdas/notifier/channels/email.ts'
import { createPacer } from '../../../lambdas/notifier/channels/pacer.ts'
import { createSes } from '../../../lambdas/notifier/channels/ses.ts'
import { channelOf, outgoing } from './outgoing.ts'

const NEVER = new AbortController().signal
const channel = channelOf('email', 'reader@example.com')
const settings = { from: 'keeper@example.com', configurationSet: 'keeper-mails' }

/** What SES is asked for a message, after its request was stored. */
async function asked(
  name: string,
  unsubscribeUrl: string | null = null,
  to = channel,
): Promise<SendEmailRequest> {
  const inputs: SendEmailRequest[] = []
  const send = async (input: SendEmailRequest) => {
    inputs.push(input)
    return 'provider-1'
  }
  const sender = createEmailSender({ send }, settings)
  const stored = JSON.parse(JSON.stringify(sender.request(to, outgoing(name, unsubscribeUrl))))
  const outcome = await sender.send(to, stored, '31', NEVER)
  expect(outcome).toEqual({ result: 'sent', providerId: 'provider-1' })
  return inputs[0] as SendEmailRequest
}

const headersOf = ({ Content }: SendEmailRequest) =>
  Object.fromEntries((Content?.Simple?.Headers ?? []).map(({ Name, Value }) => [Name, Value]))

test("sends HTML and text with the chart inline, under the deployment's sender and configuration set", async () => {
  const input = await asked('alert')
  expect(input).toMatchObject({
    FromEmailAddress: 'keeper@example.com',
    ConfigurationSetName: 'keeper-mails',
    Destination: { ToAddresses: ['reader@example.com'] },
    Content: { Simple: { Subject: { Data: expect.stringMatching(/^84,99/), Charset: 'UTF-8' } } },
  })
  const { Attachments = [], Body } = input.Content?.Simple ?? {}
  const [image] = Attachments
  expect(image).toMatchObject({ ContentDisposition: 'INLINE', ContentType: 'image/png' })
  expect(Body?.Html?.Data).toContain(`cid:${image?.ContentId}`)
  expect(
    Buffer.from(image?.RawContent ?? [])
      .subarray(1, 4)
      .toString(),
  ).toBe('PNG')
  expect(Body?.Text?.Data).toContain('AKG K371')
})

test('a domain of other letters goes to SES in Punycode, which takes no other', async () => {
  const { Destination } = await asked('alert', null, channelOf('email', 'ada@bücher.example'))
  expect(Destination).toEqual({ ToAddresses: ['ada@xn--bcher-kva.example'] })
})

test('the message is known by a header and by a tag, its alerts by a header', async () => {
  const input = await asked('two alerts')
  expect(headersOf(input)).toMatchObject({
    'X-Keeper-Message-Id': '31',
    'X-Keeper-Alert-Id': '71, 72',
    'Auto-Submitted': 'auto-generated',
  })
  expect(input.EmailTags).toEqual([{ Name: 'keeper-message', Value: '31' }])
})

test('a mail program can offer to leave with one click where there is a public address', async () => {
  expect(headersOf(await asked('alert', 'https://links.example.com/u/1'))).toMatchObject({
    'List-Unsubscribe': '<https://links.example.com/u/1>',
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
  })
  expect(Object.keys(headersOf(await asked('alert')))).not.toContain('List-Unsubscribe')
})

test('every header is ASCII and short enough for SES', async () => {
  for (const name of ['two alerts', 'digest', 'report', 'notice', 'test']) {
    for (const [header, value] of Object.entries(
      headersOf(await asked(name, 'https://links.example.com/u/1')),
    )) {
      expect(`${header}: ${value}`).toMatch(/^[\x20-\x7e]{1,996}$/)
    }
  }
})

const failing = (error: object) =>
  createEmailSender({ send: () => Promise.reject(error) }, settings).send(
    channel,
    createEmailSender({ send: async () => null }, settings).request(channel, outgoing('test')),
    '31',
    NEVER,
  )
const sesError = (name: string, status = 400, message = 'as SES says') =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } })
const unverified = (identity: string) =>
  `Email address is not verified. The following identities failed the check in region EU-CENTRAL-1: ${identity}`

test.each([
  ['AccountSuspendedException', 400, 'stopped'],
  ['SendingPausedException', 400, 'stopped'],
  ['MailFromDomainNotVerifiedException', 400, 'stopped'],
  ['AccessDeniedException', 403, 'stopped'],
  ['NotFoundException', 404, 'stopped'],
  ['TooManyRequestsException', 429, 'again'],
  ['LimitExceededException', 400, 'again'],
  ['InternalServiceErrorException', 500, 'again'],
  ['MessageRejected', 400, 'refused'],
  ['BadRequestException', 400, 'refused'],
])("SES's %s with status %d is %s", async (name, status, result) => {
  await expect(failing(sesError(name, status))).resolves.toEqual({
    result,
    reason: `SES: ${name}: as SES says`,
  })
})

test('a sender that is not verified stops all mail, a recipient that is not (in the sandbox) refuses this one', async () => {
  const rejected = (identity: string) => failing(sesError('MessageRejected', 400, unverified(identity)))
  await expect(rejected('keeper@example.com')).resolves.toMatchObject({ result: 'stopped' })
  await expect(rejected('reader@example.com')).resolves.toMatchObject({ result: 'refused' })
})

test.each([
  [Object.assign(new Error('aborted'), { name: 'AbortError' })],
  [Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })],
])('a call without an answer is tried again: %s', async (error) => {
  await expect(failing(error)).resolves.toMatchObject({ result: 'again' })
})

test('without a sender nothing is mailed, and the reason names the setting', async () => {
  const sender = createEmailSender(
    { send: () => Promise.reject(new Error('asked')) },
    { from: null, configurationSet: null },
  )
  const outcome = await sender.send(channel, sender.request(channel, outgoing('test')), '31', NEVER)
  expect(outcome).toMatchObject({ result: 'refused', reason: expect.stringContaining('mailFrom') })
})

test('keeps to the rate that SES gives the account', async () => {
  const times: number[] = []
  const send = async ({ constructor: { name } }: object) => {
    if (name === 'GetAccountCommand') return { SendQuota: { MaxSendRate: 20 } }
    times.push(performance.now())
    return { MessageId: 'a' }
  }
  const ses = createSes({ send } as never)
  // From before the first, which a busy machine may send late: the others keep to their turns.
  const startedMs = performance.now()
  await Promise.all(Array.from({ length: 5 }, () => ses.send({ Content: undefined }, NEVER)))
  expect(Number(times.at(-1)) - startedMs).toBeGreaterThanOrEqual(4 * 50 - 5)
})

test('an account that does not say its rate is taken for a new one', async () => {
  const send = async ({ constructor: { name } }: object) => {
    if (name === 'GetAccountCommand') throw new Error('not permitted')
    return { MessageId: 'a' }
  }
  const ses = createSes({ send } as never)
  await ses.send({ Content: undefined }, NEVER)
  await expect(ses.send({ Content: undefined }, AbortSignal.timeout(100))).rejects.toMatchObject({
    name: 'AbortError',
  })
})

test('a turn that is not waited for to its end is an error', async () => {
  const pace = createPacer(1)
  await pace(NEVER)
  await expect(pace(AbortSignal.timeout(20))).rejects.toMatchObject({ name: 'AbortError' })
})
