import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import { buffer } from 'node:stream/consumers'
import { type Reading, readAnswer } from './answers.ts'
import { UnknownCoding, unpacked } from './content-codings.ts'
import type { JsonObject } from './json.ts'

/** One request to Keepa; with a body it is a POST. */
export interface Question {
  readonly path: 'product' | 'deal'
  readonly query?: Readonly<Record<string, string>>
  readonly body?: JsonObject
}

/** Sends one request. Never throws: any error is returned as a fault. */
export type Exchange = (question: Question, timeoutMs: number) => Promise<Reading>

/** Keepa may have closed a connection that was idle longer; the next request opens a new one. */
const IDLE_MS = 4_000

/** Connecting times out sooner than waiting for an answer. */
const CONNECT_MS = 10_000

/**
 * Asks Keepa over HTTP. With `node:http`, and the answer decompressed in one call, a page takes two thirds of the time
 * that it takes with fetch, which decompresses in small pieces on other threads (bench/tried.md). The API key is only in
 * the query; it is removed from every text returned.
 * @throws TypeError if `baseUrl` is not a URL
 */
export function createExchange(apiKey: string, baseUrl: string): Exchange {
  const base = new URL(baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`)
  const { request, Agent } = base.protocol === 'https:' ? https : http
  const agent = new Agent({ keepAlive: true, timeout: IDLE_MS })
  const redacted = (text: string): string =>
    apiKey === '' ? text : text.replaceAll(apiKey, '***').replaceAll(encodeURIComponent(apiKey), '***')

  return async ({ path, query = {}, body }, timeoutMs) => {
    const url = new URL(path, base)
    url.search = new URLSearchParams({ key: apiKey, ...query }).toString()
    const signal = AbortSignal.timeout(timeoutMs)
    try {
      const headers = { 'accept-encoding': 'gzip', ...(body ? { 'content-type': 'application/json' } : {}) }
      const asking = request(url, { agent, signal, headers, method: body ? 'POST' : 'GET' })
      const { status, text } = await answerTo(asking, body && JSON.stringify(body))
      const reading = readAnswer(status, text)
      return 'what' in reading ? { ...reading, what: redacted(reading.what) } : reading
    } catch (error) {
      const what = signal.aborted ? `no complete answer within ${timeoutMs} ms` : whatFailed(error)
      return { kind: 'fault', what: redacted(what), isLasting: error instanceof UnknownCoding }
    }
  }
}

/** Sends a request and reads the whole answer. */
async function answerTo(
  request: http.ClientRequest,
  body: string | undefined,
): Promise<{ readonly status: number; readonly text: string }> {
  // Errors are thrown below: by `once` before the response begins, by reading the response afterwards.
  request.on('error', () => undefined)
  request.once('socket', (socket) => {
    if (!socket.connecting) return
    const tooLong = () => request.destroy(new Error(`no connection within ${CONNECT_MS} ms`))
    const timer = setTimeout(tooLong, CONNECT_MS)
    socket.once('connect', () => clearTimeout(timer)).once('close', () => clearTimeout(timer))
  })
  request.end(body)
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  const bytes = await buffer(response)
  const { statusCode: status = 0, headers } = response
  try {
    return { status, text: unpacked(bytes, headers['content-encoding']).toString() }
  } catch (error) {
    // A refusal or server error is recognized by its status alone.
    if (error instanceof UnknownCoding && status >= 400) return { status, text: '' }
    throw error
  }
}

/** The innermost cause's message: Node often hides what an operator needs there. */
function whatFailed(error: unknown): string {
  const { message, code, cause, errors } = error as Partial<AggregateError & NodeJS.ErrnoException>
  const inner = cause ?? errors?.[0]
  if (inner) return whatFailed(inner)
  return message || code || String(error)
}
