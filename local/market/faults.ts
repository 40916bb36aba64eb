import type { IncomingMessage, ServerResponse } from 'node:http'
import type { JsonObject } from '../../lambdas/core/keepa/json.ts'
import { encoded, keepaError, send } from './answer.ts'

/**
 * What can go wrong with an answer: a status; `cut`, gzip that ends early in an answer that does not; `reset`, a
 * connection that ends in the middle; `html`, a proxy's page with 200; `error`, Keepa's error body with 200 and all
 * token fields at zero; `hang`, no answer at all.
 */
export const FAULTS = [400, 402, 404, 405, 429, 500, 503, 'cut', 'reset', 'html', 'error', 'hang'] as const

export type Fault = (typeof FAULTS)[number]

/** Faults that are waiting, one for each of the next answers to a product or deal request. */
export interface FaultQueue {
  /** The next answers fail like this, in this order, after those that are already waiting. */
  next(...faults: readonly Fault[]): void
  clear(): void
  readonly waiting: readonly Fault[]
  take(): Fault | undefined
}

export function createFaultQueue(): FaultQueue {
  const waiting: Fault[] = []
  return {
    next: (...faults) => void waiting.push(...faults),
    clear: () => void waiting.splice(0),
    get waiting() {
      return [...waiting]
    },
    take: () => waiting.shift(),
  }
}

const HTML = '<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>'

const STATUS_ERRORS = {
  400: keepaError('invalidParameter', 'A parameter is missing or malformed.'),
  402: keepaError('paymentRequired', 'The API key is invalid or its subscription has ended.'),
  404: keepaError('notFound', 'This plan has no access to the request.'),
  405: keepaError('methodNotAllowed', 'A required parameter is missing or out of range.'),
  429: keepaError('notEnoughTokens', 'Not enough tokens.'),
  500: keepaError('internalServerError', 'An unexpected error occurred.'),
} as const

/** Answers with a fault. `tokens` are the fields that every answer of Keepa has. */
export function sendFault(
  fault: Fault,
  tokens: JsonObject,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (fault === 'hang') return
  if (fault === 'html' || fault === 503) sendHtml(fault === 503 ? 503 : 200, request, response)
  else if (fault === 'cut' || fault === 'reset') sendCut(fault, tokens, request, response)
  else if (fault === 'error') {
    const none = { tokensLeft: 0, refillIn: 0, refillRate: 0, tokensConsumed: 0 }
    send(request, response, { status: 200, body: { ...tokens, ...none, error: STATUS_ERRORS[400] } })
  } else send(request, response, { status: fault, body: { ...tokens, error: STATUS_ERRORS[fault] } })
}

function sendHtml(status: number, request: IncomingMessage, response: ServerResponse): void {
  const { bytes, headers } = encoded(request, HTML)
  response.writeHead(status, { 'content-type': 'text/html', 'content-length': bytes.length, ...headers })
  response.end(bytes)
}

function sendCut(
  fault: 'cut' | 'reset',
  tokens: JsonObject,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const text = JSON.stringify({ ...tokens, products: Array.from({ length: 100 }, (_, asin) => ({ asin })) })
  const { bytes, headers } = encoded(request, text)
  const half = bytes.subarray(0, Math.floor(bytes.length / 2))
  const length = fault === 'cut' ? half.length : bytes.length
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': length, ...headers })
  if (fault === 'cut') response.end(half)
  else response.write(half, () => response.destroy())
}
