import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import { text } from 'node:stream/consumers'
import { type Environment, optional, required } from '../environment.ts'
import * as ENVIRONMENT from '../environment-names.ts'
import { KeeperError, messageOf } from '../errors.ts'
import { refusal } from './refusals.ts'
import { type OutgoingRequest, signed } from './sign.ts'

/** One request. A body that is a string is sent as it is, as lines of JSON. */
export interface SearchRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'
  /** Begins with a slash: `/deals/_search`. Names in it are not encoded: an index has none that would need it. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: object | string
  /** How long the whole answer may take. */
  readonly timeoutMs?: number
}

/** OpenSearch as one execution environment uses it. */
export interface OpenSearch {
  /** Where it is, for people. */
  readonly endpoint: string
  /**
   * The JSON of the answer, which is not checked: `Answer` is what the API is documented to send.
   * @throws KeeperError see refusals.ts
   */
  ask<Answer>(request: SearchRequest): Promise<Answer>
  /** Closes idle connections. */
  close(): void
}

const TIMEOUT_MS = 10_000

/** An idle connection is given up before a load balancer may close it. */
const IDLE_MS = 4_000

/**
 * The OpenSearch of SEARCH_ENDPOINT, or undefined where it is unset: search is then off. A request to https is signed with
 * the function's credentials, one to http (this machine's own) is not.
 * @throws KeeperError `environment_invalid` if it is not a URL
 */
export function createOpenSearch(environment: Environment): OpenSearch | undefined {
  const endpoint = optional(environment, ENVIRONMENT.searchEndpoint, '')
  if (endpoint === '') return undefined
  if (!URL.canParse(endpoint)) {
    throw new KeeperError(
      'environment_invalid',
      `${ENVIRONMENT.searchEndpoint} is "${endpoint}": use a URL, for example http://127.0.0.1:9201.`,
    )
  }
  const base = new URL(endpoint)
  const isSecure = base.protocol === 'https:'
  const { Agent, request: send } = isSecure ? https : http
  const agent = new Agent({ keepAlive: true, timeout: IDLE_MS })

  const exchange = async (request: OutgoingRequest, query: string, timeoutMs: number) => {
    const signal = AbortSignal.timeout(timeoutMs)
    const url = new URL(`${request.path}${query}`, base)
    try {
      const asking = send(url, { agent, signal, method: request.method, headers: request.headers })
      // Errors are thrown below: by `once` before the response begins, by reading the response afterwards.
      asking.on('error', () => undefined)
      asking.end(request.body)
      const [response] = (await once(asking, 'response')) as [http.IncomingMessage]
      return { status: response.statusCode ?? 0, body: await text(response) }
    } catch (error) {
      const what = signal.aborted ? `no complete answer within ${timeoutMs} ms` : messageOf(error)
      throw new KeeperError('search_unreachable', `OpenSearch at ${endpoint} cannot be reached: ${what}`, {
        cause: error,
        retriable: true,
      })
    }
  }

  return {
    endpoint,
    ask: async <Answer>({ method, path, query = {}, body, timeoutMs = TIMEOUT_MS }: SearchRequest) => {
      const content = typeof body === 'object' ? JSON.stringify(body) : body
      const outgoing: OutgoingRequest = {
        method,
        path,
        query,
        body: content,
        headers: {
          host: base.host,
          ...(content === undefined
            ? {}
            : {
                'content-type': typeof body === 'string' ? 'application/x-ndjson' : 'application/json',
                'content-length': String(Buffer.byteLength(content)),
              }),
        },
      }
      const parameters = new URLSearchParams(query).toString()
      const answer = await exchange(
        isSecure ? await signed(outgoing, base, environment) : outgoing,
        parameters && `?${parameters.replaceAll('+', '%20')}`,
        timeoutMs,
      )
      if (answer.status >= 400) throw refusal(answer.status, answer.body, `${method} ${path}`)
      return readJson(answer.body) as Answer
    },
    close: () => agent.destroy(),
  }
}

/**
 * As `createOpenSearch`, for a function that is of no use without.
 * @throws KeeperError `environment_missing`
 */
export function requireOpenSearch(environment: Environment): OpenSearch {
  required(environment, ENVIRONMENT.searchEndpoint)
  return createOpenSearch(environment) as OpenSearch
}

function readJson(body: string): unknown {
  if (body === '') return undefined
  try {
    return JSON.parse(body)
  } catch (error) {
    // A load balancer in front of it answers in HTML.
    throw new KeeperError('search_failed', `OpenSearch's answer is not JSON: ${body.slice(0, 200)}`, {
      cause: error,
      retriable: true,
    })
  }
}
