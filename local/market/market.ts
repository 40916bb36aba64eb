import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { namesThisMachine } from '../cloud/local-host.ts'
import { type Answer, bodyText, keepaError, send } from './answer.ts'
import { type Catalogue, createCatalogue } from './catalogue.ts'
import { control, type Switches } from './control.ts'
import { createDealSearch } from './deal-answer.ts'
import { createFaultQueue, type FaultQueue, sendFault } from './faults.ts'
import { dealRequest, parse, productRequest, type Request } from './requests.ts'
import { createTokenBucket, type TokenPlan } from './token-bucket.ts'

export interface MarketOptions {
  /** 0, the default: any free one. */
  readonly port?: number
  /** The same seed makes the same products with the same prices at the same times. */
  readonly seed?: number
  /** Milliseconds since the epoch. */
  readonly now?: () => number
  readonly tokens?: TokenPlan
  /** Without deals `/deal` answers 404, as it does for many of Keepa's plans. */
  readonly dealsEnabled?: boolean
  readonly catalogueSize?: number
  /** How long each answer takes besides the work. */
  readonly thinkTimeMs?: number
  /** How long prices stand still: whole minutes, since Keepa tells time in minutes. */
  readonly slotMs?: number
  /** Where set, any other key is answered with 402. */
  readonly apiKey?: string
}

/** A running market: a server that speaks Keepa's protocol. */
export interface Market {
  /** `http://127.0.0.1:<port>`, for KEEPA_BASE_URL. */
  readonly url: string
  readonly catalogue: Catalogue
  readonly faults: FaultQueue
  /** How often each path was asked for since the start; `refused` counts answers other than 200, faults included. */
  readonly requests: {
    readonly product: number
    readonly deal: number
    readonly token: number
    readonly refused: number
  }
  /** Stops listening and ends every connection. */
  close(): Promise<void>
}

const MINUTE_MS = 60_000

/** Generous, so that a plain local run never waits: like Keepa's plans, an hour's worth can be saved up. */
const PLENTY: TokenPlan = { capacity: 60 * 100_000, refillPerMinute: 100_000 }

/**
 * Opens the market on this machine only.
 * @throws RangeError where `slotMs` is not a whole number of minutes; Node's `EADDRINUSE` where the port is taken
 */
export async function startMarket(options: MarketOptions = {}): Promise<Market> {
  const { port = 0, seed = 1, now = Date.now, tokens = PLENTY, slotMs = MINUTE_MS, apiKey } = options
  if (slotMs < MINUTE_MS || slotMs % MINUTE_MS !== 0)
    throw new RangeError(`slotMs is ${slotMs}; it takes whole minutes, as Keepa tells time in minutes.`)
  const catalogue = createCatalogue(seed, options.catalogueSize ?? 600)
  const searchDeals = createDealSearch(catalogue)
  const faults = createFaultQueue()
  const bucket = createTokenBucket(tokens, now)
  const switches: Switches = {
    dealsEnabled: options.dealsEnabled ?? true,
    thinkTimeMs: options.thinkTimeMs ?? 0,
  }
  const requests = { product: 0, deal: 0, token: 0, refused: 0 }

  async function understand(
    path: string,
    query: URLSearchParams,
    request: IncomingMessage,
  ): Promise<Request> {
    const slot = { number: Math.floor(now() / slotMs), lengthMs: slotMs }
    const key = query.get('key')
    if (!key) return { status: 400, error: keepaError('invalidParameter', 'The key is missing.', 'key') }
    if (apiKey !== undefined && key !== apiKey)
      return { status: 402, error: keepaError('paymentRequired', 'The API key is invalid.') }
    if (path === 'token') return { tokens: 0, answer: () => ({}) }
    if (path === 'product') return productRequest(request, query, catalogue, slot)
    if (path === 'deal' && switches.dealsEnabled) return dealRequest(request, query, searchDeals, slot)
    return { status: 404, error: keepaError('notFound', `There is no request "${path}" in this plan.`) }
  }

  /** The fields that every answer has, whatever its status. */
  const frame = (startedAt: number, tokensConsumed: number) => ({
    timestamp: now(),
    ...bucket.state(),
    tokensConsumed,
    processingTimeInMs: Math.round(performance.now() - startedAt),
  })

  async function keepaAnswer(
    path: string,
    query: URLSearchParams,
    request: IncomingMessage,
  ): Promise<Answer> {
    const startedAt = performance.now()
    const understood = await understand(path, query, request)
    if ('error' in understood)
      return { status: understood.status, body: { ...frame(startedAt, 0), error: understood.error } }
    if (understood.tokens > 0 && !bucket.take(understood.tokens)) {
      const error = keepaError('notEnoughTokens', `The request costs ${understood.tokens} tokens.`)
      return { status: 429, body: { ...frame(startedAt, 0), error } }
    }
    const answered = understood.answer()
    return { status: 200, body: { ...frame(startedAt, understood.tokens), ...answered, error: null } }
  }

  async function controlAnswer(request: IncomingMessage): Promise<Answer> {
    const wrong =
      request.method === 'POST'
        ? control(parse(await bodyText(request)), faults, bucket, switches)
        : undefined
    const body = wrong ? { error: wrong } : { ...switches, next: faults.waiting, requests, ...bucket.state() }
    return { status: wrong ? 400 : 200, body }
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://market')
    const path = pathname.replaceAll('/', '')
    if (path === 'control') return send(request, response, await controlAnswer(request))
    if (switches.thinkTimeMs > 0) await delay(switches.thinkTimeMs)
    if (path === 'product' || path === 'deal' || path === 'token') requests[path] += 1
    const fault = path === 'token' ? undefined : faults.take()
    if (fault !== undefined) {
      requests.refused += 1
      return sendFault(fault, frame(performance.now(), 0), request, response)
    }
    const answer = await keepaAnswer(path, searchParams, request)
    if (answer.status !== 200) requests.refused += 1
    send(request, response, answer)
  }

  const server = createServer((request, response) => {
    if (!namesThisMachine(request)) return void response.writeHead(403).end()
    serve(request, response).catch((error: unknown) => response.destroy(error as Error))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve)
  })
  const { port: listening } = server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${listening}`,
    catalogue,
    faults,
    requests,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
        server.closeAllConnections()
      }),
  }
}
