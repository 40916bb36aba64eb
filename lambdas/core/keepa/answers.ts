import { asObject, type JsonObject } from './json.ts'

/** What an HTTP response from Keepa means for the caller. */
export type Reading =
  | { readonly kind: 'answer'; readonly body: JsonObject }
  /** Not enough tokens: the same request succeeds later. */
  | { readonly kind: 'out_of_tokens'; readonly body: JsonObject }
  /** The request is wrong or not allowed: repeating it does not help. */
  | { readonly kind: 'refusal'; readonly code: string; readonly what: string; readonly body: JsonObject }
  /** No usable answer: worth a retry, unless the fault is lasting. */
  | { readonly kind: 'fault'; readonly what: string; readonly isLasting?: boolean }

const REFUSAL_CODES: Readonly<Record<number, string>> = { 402: 'keepa_payment', 404: 'keepa_not_found' }

/** Sent by a gateway when a request took too long: the one 4xx that is not the client's fault. */
const REQUEST_TIMEOUT = 408

/** The most characters of Keepa's message that an error quotes. */
const LONGEST_REASON = 300

/**
 * Reads a response by its status first and its body second: an error may come with 200, and a proxy's HTML with any
 * status. Source of the statuses: `KeepaAPI.sendRequest` in Keepa's own Java client.
 */
export function readAnswer(status: number, text: string): Reading {
  const body = parse(text)
  const error = asObject(body?.error)
  const reason = error ? [error.type, error.message].filter(Boolean).join(', ').slice(0, LONGEST_REASON) : ''
  const what = reason ? `HTTP ${status}: ${reason}` : `HTTP ${status}`
  if (status === 429) return { kind: 'out_of_tokens', body: body ?? {} }
  if (status >= 400 && status < 500 && status !== REQUEST_TIMEOUT)
    return { kind: 'refusal', code: REFUSAL_CODES[status] ?? 'keepa_rejected', what, body: body ?? {} }
  if (status < 200 || status > 299) return { kind: 'fault', what }
  if (!body) return { kind: 'fault', what: `${what} with a body that is not a complete JSON object` }
  if (!error) return { kind: 'answer', body }
  if (/token/i.test(String(error.type))) return { kind: 'out_of_tokens', body }
  return { kind: 'refusal', code: 'keepa_rejected', what, body }
}

function parse(text: string): JsonObject | undefined {
  try {
    return asObject(JSON.parse(text))
  } catch {
    return undefined
  }
}
