import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { ClientError } from '../../client/client-error.ts'
import type { Keeper } from '../../client/keeper.ts'
import { runAction } from './actions.ts'
import { type Asset, type Assets, buildAssets } from './assets.ts'
import { FramedPages } from './framed-pages.ts'
import { type Guard, MAIL_POLICY, refusalOf, securityHeaders } from './guard.ts'

export interface ConsoleOptions {
  /** Finds the Keeper that the pages show; asked until it is found. */
  readonly keeper: () => Promise<Keeper>
  /** 0 takes a free one. */
  readonly port: number
  /** Refuses everything that changes something. */
  readonly isReadOnly?: boolean
  /** Makes the pages; another try is made where it has failed. */
  readonly build?: () => Promise<Assets>
}

export interface RunningConsole {
  /** With the session's token in its fragment, which a browser sends to nobody. */
  readonly url: string
  close(): Promise<void>
}

const LARGEST_CALL_BYTES = 1_000_000
const LEAST_INTERVAL_MS = 500

/**
 * Serves the console on loopback. The pages are built when the first of them is opened.
 * @throws ClientError `port_unavailable`
 */
export async function startConsole({
  keeper,
  port,
  isReadOnly = false,
  build = buildAssets,
}: ConsoleOptions): Promise<RunningConsole> {
  let built: Promise<Assets> | undefined
  const assets = () => {
    built ??= build().catch((error: unknown) => {
      built = undefined
      throw error
    })
    return built
  }
  const token = randomBytes(24).toString('base64url')
  const server = createServer()
  server.listen(port, '127.0.0.1')
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    throw portError(port, error)
  })
  const { port: taken } = server.address() as AddressInfo
  const guard: Guard = { hosts: [`127.0.0.1:${taken}`, `localhost:${taken}`], token }
  const framed = new FramedPages()
  const session = { isReadOnly, frame: (html: string) => framed.add(html) }
  let found: Promise<Keeper> | undefined
  const run = async (call: Call) => {
    found ??= keeper().catch((error: unknown) => {
      found = undefined
      throw error
    })
    return runAction(await found, call, session)
  }
  server.on('request', (request, response) => {
    // What fails here is a browser that is gone, or a call that cannot be read.
    void answer(request, response, { assets, framed, guard, run }).catch(() => response.destroy())
  })
  return {
    url: `http://127.0.0.1:${taken}/#${token}`,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** https://nodejs.org/api/errors.html#common-system-errors */
function portError(port: number, error: NodeJS.ErrnoException): Error {
  const reasons: Readonly<Record<string, string>> = { EADDRINUSE: 'taken', EACCES: 'not yours to open' }
  const reason = reasons[error.code ?? '']
  if (reason === undefined) return error
  return new ClientError(
    'port_unavailable',
    `Port ${port} of this machine is ${reason}: name another one, for example --port ${port === 8_081 ? 8_082 : 8_081}.`,
    error,
  )
}

interface Call {
  readonly action: string
  readonly input: unknown
  /** How often a live action is run. */
  readonly everyMs?: number
}

interface Parts {
  readonly assets: () => Promise<Assets>
  readonly framed: FramedPages
  readonly guard: Guard
  readonly run: (call: Call) => Promise<unknown>
}

async function answer(request: IncomingMessage, response: ServerResponse, parts: Parts): Promise<void> {
  const refusal = refusalOf(request, parts.guard)
  if (refusal) {
    // The body is left unread: the connection cannot be used again.
    response.setHeader('connection', 'close')
    return sendJson(response, refusal.status, { error: { code: 'refused', message: refusal.message } })
  }
  const { pathname } = new URL(request.url ?? '/', 'http://console')
  if (request.method === 'POST' && pathname === '/api/call') return call(request, response, parts)
  if (request.method === 'POST' && pathname === '/api/live') return live(request, response, parts)
  const built = await parts.assets().catch((error: unknown) => String(error))
  // Of a page that somebody is changing: esbuild says where.
  if (typeof built === 'string') {
    return sendJson(response, 500, { error: { code: 'not_built', message: built } })
  }
  const { files, document } = built
  const file = files.get(pathname)
  if (file) return sendAsset(request, response, file, { caching: 'public, max-age=31536000, immutable' })
  const mail = parts.framed.get(pathname)
  if (mail) return sendAsset(request, response, mail, { caching: 'no-store', policy: MAIL_POLICY })
  if (/^\/(assets|api|framed)\//.test(pathname)) {
    return sendJson(response, 404, { error: { code: 'not_found', message: `There is no ${pathname} here.` } })
  }
  sendAsset(request, response, document, { caching: 'no-store' })
}

/** One action, one answer. */
async function call(request: IncomingMessage, response: ServerResponse, { run }: Parts): Promise<void> {
  const result = await outcomeOf(async () => run(await readCall(request)))
  sendJson(response, 'error' in result ? 422 : 200, result)
}

/**
 * An action again and again, as server-sent events: what it gives, each time that differs from before.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
async function live(request: IncomingMessage, response: ServerResponse, { run }: Parts): Promise<void> {
  const { everyMs = 2_000, ...wanted } = await readCall(request)
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  response.writeHead(200, {
    ...securityHeaders(),
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
  })
  let before = ''
  while (!gone.signal.aborted) {
    const text = JSON.stringify(await outcomeOf(() => run(wanted)))
    // A comment now and then shows a connection that died.
    response.write(text === before ? ':\n\n' : `data: ${text}\n\n`)
    before = text
    const pause = Math.max(LEAST_INTERVAL_MS, Number(everyMs) || 0)
    await sleep(pause, undefined, { signal: gone.signal }).catch(() => undefined)
  }
}

type CallOutcome =
  | { readonly output: unknown }
  | { readonly error: { readonly code: string; readonly message: string } }

async function outcomeOf(work: () => Promise<unknown>): Promise<CallOutcome> {
  try {
    return { output: (await work()) ?? null }
  } catch (error) {
    if (error instanceof ClientError) return { error: { code: error.code, message: error.message } }
    console.error(error)
    return { error: { code: 'failed', message: 'This failed unexpectedly; the terminal says more.' } }
  }
}

async function readCall(request: IncomingMessage): Promise<Call> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > LARGEST_CALL_BYTES) throw new ClientError('input_invalid', 'The call is too large.')
    parts.push(part)
  }
  try {
    const { action = '', ...given } = JSON.parse(Buffer.concat(parts).toString('utf8')) as Partial<Call>
    return { input: {}, ...given, action: String(action) }
  } catch (error) {
    throw new ClientError('input_invalid', 'The call is not JSON.', error)
  }
}

function sendAsset(
  request: IncomingMessage,
  response: ServerResponse,
  { type, body, gzipped }: Asset,
  { caching, policy }: { readonly caching: string; readonly policy?: string },
): void {
  const isGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
  response.writeHead(200, {
    ...securityHeaders(policy),
    'content-type': type,
    'cache-control': caching,
    vary: 'accept-encoding',
    ...(isGzip && { 'content-encoding': 'gzip' }),
  })
  response.end(request.method === 'HEAD' ? undefined : isGzip ? gzipped : body)
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, {
    ...securityHeaders(),
    'content-type': 'application/json',
    'cache-control': 'no-store',
  })
  response.end(JSON.stringify(body))
}
