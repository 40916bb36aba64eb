import { type Reading, readAnswer } from './answers.ts'
import type { JsonObject } from './json.ts'

/** One request to Keepa: a path, its query, and a body where it is a POST. */
export interface Question {
  readonly path: 'product' | 'deal'
  readonly query?: Readonly<Record<string, string>>
  readonly body?: JsonObject
}

/** Asks once. Never throws: what goes wrong on the way is a fault. */
export type Exchange = (question: Question, timeoutMs: number) => Promise<Reading>

/**
 * Asks Keepa over HTTP with the platform's fetch, which unpacks gzip. The key goes into the query and nowhere else:
 * every text that leaves here is freed of it.
 * @throws TypeError where `baseUrl` is no URL
 */
export function createExchange(apiKey: string, baseUrl: string): Exchange {
  const base = new URL(baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`)
  const redacted = (text: string): string =>
    apiKey === '' ? text : text.replaceAll(apiKey, '***').replaceAll(encodeURIComponent(apiKey), '***')

  return async ({ path, query = {}, body }, timeoutMs) => {
    const url = new URL(path, base)
    url.search = new URLSearchParams({ key: apiKey, ...query }).toString()
    try {
      const response = await fetch(url, {
        signal: AbortSignal.timeout(timeoutMs),
        ...(body
          ? { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
          : {}),
      })
      const reading = readAnswer(response.status, await response.text())
      return 'what' in reading ? { ...reading, what: redacted(reading.what) } : reading
    } catch (error) {
      return { kind: 'fault', what: redacted(whatFailed(error, timeoutMs)) }
    }
  }
}

/** fetch says "fetch failed" and hides why in its causes: the innermost is what an operator needs. */
function whatFailed(error: unknown, timeoutMs: number): string {
  const { name, message, code, cause, errors } = error as Partial<AggregateError & NodeJS.ErrnoException>
  if (name === 'TimeoutError') return `no complete answer within ${timeoutMs} ms`
  const inner = cause ?? errors?.[0]
  if (inner) return whatFailed(inner, timeoutMs)
  return message || code || String(error)
}
