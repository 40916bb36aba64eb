import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import { isIPv4, type LookupFunction } from 'node:net'
import { codeOf } from '../../core/errors.ts'
import {
  AddressRefused,
  type CheckedAddress,
  checkAddress,
  type Reachable,
  type Resolve,
} from './address-guard.ts'
import type { Outcome } from './channel.ts'
import { retryAfterMs } from './retry-after.ts'

/** A request to an address that a user gave. */
export interface Posted {
  /** May be secret. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** JSON, sent as it is. */
  readonly body: string
}

/** Posts, and says what became of it. Never throws. */
export type Post = (request: Posted, signal: AbortSignal) => Promise<Outcome>

export interface PostOptions {
  readonly reachable: Reachable
  readonly resolve?: Resolve
  /** For name, connection and answer together. */
  readonly timeoutMs?: number
  /** Of a server that is trusted besides the public ones, in PEM. */
  readonly ca?: string
}

const TIMEOUT_MS = 10_000

/** The request is what is wrong, or the receiver's address: the same request has the same answer later. */
const REFUSED = new Set([400, 404, 405, 410, 413, 414, 415, 422])

/** https://www.rfc-editor.org/rfc/rfc9110#name-410-gone: it is likely to be permanent. */
const GONE = 410

/**
 * Posts JSON with a connection of its own, to no other IP address than the ones that were checked. Only the status and
 * Retry-After of an answer are looked at, so that nobody reads by a channel what they cannot reach. Reasons hold neither
 * address nor answer.
 */
export const createPost =
  ({ reachable, resolve, timeoutMs = TIMEOUT_MS, ca }: PostOptions): Post =>
  async (request, signal) => {
    const limit = AbortSignal.timeout(timeoutMs)
    const either = AbortSignal.any([signal, limit])
    try {
      const checked = await unlessAborted(checkAddress(request.url, reachable, resolve), either)
      return await outcomeOf(await exchange(checked, request, either, ca))
    } catch (error) {
      if (error instanceof AddressRefused) {
        return { result: 'refused', reason: `The channel's address is not used: ${error.message}.` }
      }
      if (error instanceof TypeError) {
        return { result: 'refused', reason: `The channel's address or secret is not used: ${codeOf(error)}.` }
      }
      if (signal.aborted) return { result: 'again', reason: 'The run ended before an answer came.' }
      if (limit.aborted) return { result: 'again', reason: `No answer within ${timeoutMs / 1_000} s.` }
      return { result: 'again', reason: `No connection: ${codeOf(error) ?? 'unknown error'}.` }
    }
  }

interface Answer {
  readonly status: number
  readonly retryAfter: string | undefined
}

async function exchange(
  { url, addresses }: CheckedAddress,
  { headers, body }: Posted,
  signal: AbortSignal,
  ca: string | undefined,
): Promise<Answer> {
  const bytes = Buffer.from(body)
  const { request } = url.protocol === 'https:' ? https : http
  const sent = request(url, {
    method: 'POST',
    agent: false,
    signal,
    lookup: pinnedTo(addresses),
    ca,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Keeper',
      ...headers,
      'content-length': bytes.length,
    },
  })
  // An error after the answer, as of a connection that the other side closes at once.
  sent.on('error', () => undefined)
  sent.end(bytes)
  const [response] = (await once(sent, 'response', { signal })) as [http.IncomingMessage]
  response.on('error', () => undefined).destroy()
  return { status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] }
}

/** A name that resolves to something else by now changes nothing. */
const pinnedTo =
  (addresses: readonly string[]): LookupFunction =>
  (_, options, callback) => {
    const found = addresses.map((address) => ({ address, family: isIPv4(address) ? 4 : 6 }))
    const [first = { address: '', family: 4 }] = found
    if (options.all) callback(null, found)
    else callback(null, first.address, first.family)
  }

function outcomeOf({ status, retryAfter }: Answer): Outcome {
  if (status >= 200 && status < 300) return { result: 'sent', providerId: null }
  const reason = `HTTP ${status}`
  if (status >= 300 && status < 400) {
    return { result: 'refused', reason: `${reason}: redirects are not followed.` }
  }
  if (REFUSED.has(status))
    return { result: 'refused', reason, ...(status === GONE && { isChannelDead: true }) }
  const afterMs = retryAfterMs(retryAfter)
  return { result: 'again', reason, ...(afterMs !== undefined && { afterMs }) }
}

/** A name that is being resolved cannot be aborted; its answer is no longer waited for. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => undefined)
  signal.throwIfAborted()
  const aborted = new AbortController()
  try {
    return await Promise.race([
      work,
      once(signal, 'abort', { signal: aborted.signal }).then(() => Promise.reject(signal.reason)),
    ])
  } finally {
    aborted.abort()
  }
}
