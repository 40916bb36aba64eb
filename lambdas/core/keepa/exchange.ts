import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import { buffer } from 'node:stream/consumers'
import { type Reading, readAnswer } from './answers.ts'
import { UnknownCoding, unpacked } from './content-codings.ts'
import type { JsonObject } from './json.ts'

/** One request to Keepa: a path, its query, and a body where it is a POST. */
export interface Question {
  readonly path: 'product' | 'deal'
  readonly query?: Readonly<Record<string, string>>
  readonly body?: JsonObject
}

/** Asks once. Never throws: what goes wrong on the way is a fault. */
export type Exchange = (question: Question, timeoutMs: number) => Promise<Reading>

/** A connection that is idle for longer may have been closed by Keepa: the next request makes a new one. */
const IDLE_MS = 4_000

/** A host that does not answer at all is given up on sooner than one that works on its answer. */
const CONNECT_MS = 10_000

/**
 * Asks Keepa over HTTP. With `node:http` and the answer unpacked in one piece a page costs two thirds of what it costs
 * with fetch, which unpacks it bit by bit in other threads (bench/README.md). The key goes into the query and nowhere
 * else: every text that leaves here is freed of it.
 * @throws TypeError where `baseUrl` is no URL
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
  // What goes wrong is thrown below: by `once` before the answer begins, by the answer itself after that.
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
    // A refusal or a server's error is told by its status: its body is not needed.
    if (error instanceof UnknownCoding && status >= 400) return { status, text: '' }
    throw error
  }
}

/** Node may hide in causes what an operator needs: the innermost says it. */
function whatFailed(error: unknown): string {
  const { message, code, cause, errors } = error as Partial<AggregateError & NodeJS.ErrnoException>
  const inner = cause ?? errors?.[0]
  if (inner) return whatFailed(inner)
  return message || code || String(error)
}
