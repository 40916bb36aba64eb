import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from '@jest/globals'
import { createPost } from '../../../lambdas/notifier/channels/post.ts'
import { selfSigned } from '../../helpers/self-signed.ts'
import { openReceiver, type Receiver } from './receiver.ts'

const opened: Receiver[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((receiver) => receiver.close()))
})

const open = async (...given: Parameters<typeof openReceiver>): Promise<Receiver> => {
  const receiver = await openReceiver(...given)
  opened.push(receiver)
  return receiver
}

const NEVER = new AbortController().signal
const request = (url: string) => ({ url, headers: {}, body: '{"a":"ü"}' })
const here = createPost({ reachable: 'local' })
const answering =
  (status: number, headers: Record<string, string> = {}, body = '') =>
  (_: unknown, response: import('node:http').ServerResponse) =>
    void response.writeHead(status, headers).end(body)

test('posts the body byte by byte over https, to the address that was checked', async () => {
  const tls = selfSigned('hook.example.com')
  const receiver = await open(undefined, tls)
  const post = createPost({ reachable: 'local', resolve: async () => ['127.0.0.1'], ca: tls.cert })
  const outcome = await post(request(`https://hook.example.com:${receiver.port}/in?x=1`), NEVER)
  expect(outcome).toEqual({ result: 'sent', providerId: null })
  expect(receiver.received).toEqual([expect.objectContaining({ path: '/in?x=1', body: '{"a":"ü"}' })])
  expect(receiver.received[0]?.headers).toMatchObject({
    'content-type': 'application/json',
    'content-length': '10',
  })
})

test('sends nothing to a server whose certificate is for another name', async () => {
  const tls = selfSigned('other.example.com')
  const receiver = await open(undefined, tls)
  const post = createPost({ reachable: 'local', resolve: async () => ['127.0.0.1'], ca: tls.cert })
  const outcome = await post(request(`https://hook.example.com:${receiver.port}/`), NEVER)
  expect(outcome).toEqual({ result: 'again', reason: 'No connection: ERR_TLS_CERT_ALTNAME_INVALID.' })
  expect(receiver.received).toEqual([])
})

test('a name that resolves to something else after the check changes nothing', async () => {
  const receiver = await open()
  // The system would find the receiver at localhost; what was checked is another address.
  const post = createPost({ reachable: 'local', resolve: async () => ['127.0.0.2'], timeoutMs: 1_000 })
  const outcome = await post(request(`http://localhost:${receiver.port}/`), NEVER)
  expect(outcome.result).toBe('again')
  expect(receiver.received).toEqual([])
})

test('on AWS reaches no server of its own machine, by whatever name', async () => {
  const receiver = await open()
  for (const host of ['127.0.0.1', '[::ffff:127.0.0.1]', 'localhost']) {
    const outcome = await createPost({ reachable: 'public' })(
      request(`https://${host}:${receiver.port}/`),
      NEVER,
    )
    expect(outcome).toMatchObject({
      result: 'refused',
      reason: expect.stringContaining("The channel's address"),
    })
  }
  expect(receiver.received).toEqual([])
})

test.each([301, 302, 307, 308])('does not follow a redirect with status %d', async (status) => {
  const target = await open()
  const location = `http://127.0.0.1:${target.port}/`
  const receiver = await open(answering(status, { location }))
  const outcome = await here(request(`http://127.0.0.1:${receiver.port}/`), NEVER)
  expect(outcome).toEqual({ result: 'refused', reason: `HTTP ${status}: redirects are not followed.` })
  expect(target.received).toEqual([])
})

test.each([
  [200, { result: 'sent' }],
  [202, { result: 'sent' }],
  [400, { result: 'refused', reason: 'HTTP 400' }],
  [404, { result: 'refused', reason: 'HTTP 404' }],
  [410, { result: 'refused', reason: 'HTTP 410', isChannelDead: true }],
  [401, { result: 'again', reason: 'HTTP 401' }],
  [408, { result: 'again', reason: 'HTTP 408' }],
  [500, { result: 'again', reason: 'HTTP 500' }],
  [503, { result: 'again', reason: 'HTTP 503' }],
])('an answer with status %d is %j', async (status, outcome) => {
  const receiver = await open(answering(status))
  await expect(here(request(`http://127.0.0.1:${receiver.port}/`), NEVER)).resolves.toMatchObject(outcome)
})

test('waits as long as a busy receiver asks', async () => {
  const receiver = await open(answering(429, { 'retry-after': '90' }))
  const outcome = await here(request(`http://127.0.0.1:${receiver.port}/`), NEVER)
  expect(outcome).toEqual({ result: 'again', reason: 'HTTP 429', afterMs: 90_000 })
})

test('what a receiver answers is in no outcome: nobody reads by a channel what they cannot reach', async () => {
  const receiver = await open(answering(500, { 'x-answer': 'inner-secret' }, 'inner-secret'))
  const outcome = await here(request(`http://127.0.0.1:${receiver.port}/`), NEVER)
  expect(JSON.stringify(outcome)).not.toContain('inner-secret')
})

test('an answer that does not come, or never ends, holds a run no longer than the limit', async () => {
  const silent = await open(() => undefined)
  const endless = await open((_, response) => void response.writeHead(200).write('x'))
  const post = createPost({ reachable: 'local', timeoutMs: 200 })
  await expect(post(request(`http://127.0.0.1:${silent.port}/`), NEVER)).resolves.toEqual({
    result: 'again',
    reason: 'No answer within 0.2 s.',
  })
  await expect(post(request(`http://127.0.0.1:${endless.port}/`), NEVER)).resolves.toMatchObject({
    result: 'sent',
  })
})

test('a name that takes too long to resolve is tried again later', async () => {
  const post = createPost({
    reachable: 'public',
    timeoutMs: 50,
    resolve: () => sleep(5_000, ['8.8.8.8'], { ref: false }),
  })
  await expect(post(request('https://hook.example.com/'), NEVER)).resolves.toMatchObject({ result: 'again' })
})

test('ends with the run, and says so', async () => {
  const silent = await open(() => undefined)
  const outcome = await here(request(`http://127.0.0.1:${silent.port}/`), AbortSignal.timeout(50))
  expect(outcome).toEqual({ result: 'again', reason: 'The run ended before an answer came.' })
})

test('a receiver that is away is tried again', async () => {
  const receiver = await openReceiver()
  await receiver.close()
  const outcome = await here(request(`http://127.0.0.1:${receiver.port}/`), NEVER)
  expect(outcome).toEqual({ result: 'again', reason: 'No connection: ECONNREFUSED.' })
})
