import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ClientError } from '../../client/client-error.ts'
import type { Keeper } from '../../client/keeper.ts'
import { assetOf } from '../../console/server/assets.ts'
import { type RunningConsole, startConsole } from '../../console/server/console.ts'

/** The server alone: its Keeper counts topics, as the pages' tests have a real one. */

let running: RunningConsole
let readOnly: RunningConsole
let topics = 0

const keeper = {
  title: 'the Keeper of this test',
  call: async (operation: string) => {
    if (operation === 'topics.list') return [{ topic: 'prices', records: topics }]
    throw new ClientError('no_such_operation', `There is no operation "${operation}".`)
  },
} as unknown as Keeper

beforeAll(async () => {
  const options = { keeper: async () => keeper, port: 0 }
  ;[running, readOnly] = await Promise.all([
    startConsole(options),
    startConsole({ ...options, isReadOnly: true }),
  ])
})
afterAll(() => Promise.all([running.close(), readOnly.close()]))

interface Sent {
  readonly method?: string
  readonly path?: string
  readonly headers?: Record<string, string>
  readonly body?: string
}

/** Sends what no browser's fetch would: any Host, any Origin. */
function send(
  { url }: RunningConsole,
  { method = 'POST', path = '/api/call', headers = {}, body = '{"action":"topics.list"}' }: Sent,
): Promise<{ status: number; headers: Record<string, unknown>; text: string }> {
  const { port, host, hash } = new URL(url)
  return new Promise((resolve, reject) => {
    const sent = request({
      port,
      host: '127.0.0.1',
      method,
      path,
      headers: {
        host,
        origin: `http://${host}`,
        'x-keeper-token': hash.slice(1),
        'content-type': 'application/json',
        ...headers,
      },
    })
    sent.on('error', reject)
    sent.on('response', (response) => {
      let text = ''
      response.on('data', (part) => {
        text += part
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
    })
    sent.end(method === 'GET' ? undefined : body)
  })
}

describe('loopback is no boundary', () => {
  test('a name that resolves to this machine (DNS rebinding) gets nothing, not even a page', async () => {
    const { port } = new URL(running.url)
    for (const host of [`evil.example:${port}`, `127.0.0.1.nip.io:${port}`, '127.0.0.1', `[::1]:${port}`]) {
      expect(await send(running, { method: 'GET', path: '/', headers: { host } })).toMatchObject({
        status: 403,
      })
      expect(await send(running, { headers: { host } })).toMatchObject({ status: 403 })
    }
  })

  test.each(['http://evil.example', 'null', 'http://127.0.0.1:1', ''])(
    'a call from %p is refused',
    async (origin) => {
      expect(await send(running, { headers: { origin } })).toMatchObject({ status: 403 })
      expect(await send(running, { path: '/api/live', headers: { origin } })).toMatchObject({ status: 403 })
    },
  )

  test.each(['', 'x', 'x'.repeat(32)])('a call with the token %p is refused', async (token) => {
    expect(await send(running, { headers: { 'x-keeper-token': token } })).toMatchObject({ status: 401 })
    expect(await send(running, { path: '/api/live', headers: { 'x-keeper-token': token } })).toMatchObject({
      status: 401,
    })
  })

  test("a form's content type, which needs no permission of another origin, is refused", async () => {
    expect(await send(running, { headers: { 'content-type': 'text/plain' } })).toMatchObject({ status: 415 })
  })

  test.each(['PUT', 'DELETE', 'OPTIONS'])('%s is refused', async (method) => {
    expect(await send(running, { method })).toMatchObject({ status: 400 })
  })

  test('every page has the policy that allows its own files alone', async () => {
    const { status, headers, text } = await send(running, { method: 'GET', path: '/watches' })
    expect(status).toBe(200)
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/)
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' })
    expect(text).not.toMatch(/<script>|onload=|style=/)
  })
})

test('an action that fails says why, and one that is no JSON too', async () => {
  const missing = await send(running, { body: '{"action":"topics.lst"}' })
  expect([missing.status, JSON.parse(missing.text)]).toEqual([
    422,
    { error: { code: 'no_such_operation', message: 'There is no operation "topics.lst".' } },
  ])
  expect(await send(running, { body: '{' })).toMatchObject({
    status: 422,
    text: expect.stringContaining('not JSON'),
  })
})

test('a read-only console refuses what changes something, and reads', async () => {
  expect(await send(readOnly, { body: '{"action":"watches.add"}' })).toMatchObject({
    text: expect.stringContaining('This console only reads'),
  })
  expect(await send(readOnly, {})).toMatchObject({ status: 200 })
})

test('pages that cannot be built say why, and are built again for the next who asks', async () => {
  let builds = 0
  const changing = await startConsole({
    keeper: async () => keeper,
    port: 0,
    build: async () => {
      builds += 1
      if (builds === 1) throw new Error('main.tsx:7:3: ERROR: Unexpected "}"')
      return { files: new Map(), document: await assetOf('text/html', '<h1>Keeper</h1>') }
    },
  })
  try {
    const page = { method: 'GET', path: '/' }
    const failed = await send(changing, page)
    expect([failed.status, JSON.parse(failed.text)]).toEqual([
      500,
      { error: { code: 'not_built', message: 'Error: main.tsx:7:3: ERROR: Unexpected "}"' } },
    ])
    expect(await send(changing, page)).toMatchObject({ status: 200, text: '<h1>Keeper</h1>' })
  } finally {
    await changing.close()
  }
})

test('a port that is taken is said, with the option that names another', async () => {
  const port = Number(new URL(running.url).port)
  await expect(startConsole({ keeper: async () => keeper, port })).rejects.toMatchObject({
    code: 'port_unavailable',
    message: `Port ${port} of this machine is taken: name another one, for example --port 8081.`,
  })
})

test('what is live is sent when it changes, and ends with the page', async () => {
  const { origin, hash } = new URL(running.url)
  const gone = new AbortController()
  const response = await fetch(`${origin}/api/live`, {
    method: 'POST',
    headers: { origin, 'x-keeper-token': hash.slice(1), 'content-type': 'application/json' },
    body: JSON.stringify({ action: 'topics.list', everyMs: 500 }),
    signal: gone.signal,
  })
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  const events: unknown[] = []
  const reading = (async () => {
    for await (const part of response.body ?? []) {
      for (const event of Buffer.from(part).toString().split('\n\n')) {
        if (event.startsWith('data: ')) events.push(JSON.parse(event.slice(6)).output[0].records)
        if (events.length === 1) topics = 1
      }
      if (events.length === 2) gone.abort()
    }
  })()
  await expect(reading).rejects.toThrow(/abort/i)
  expect(events).toEqual([0, 1])
})

test("the address's key reaches the server in no request: it is a fragment", () => {
  expect(new URL(running.url)).toMatchObject({
    pathname: '/',
    search: '',
    hash: expect.stringMatching(/^#.{32}$/),
  })
})
