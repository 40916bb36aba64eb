import type { IncomingMessage, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import type { JsonObject } from '../../lambdas/core/keepa/json.ts'

/** What Keepa says where it refuses: always in the body, whatever the status. */
export interface KeepaError {
  readonly type: string
  readonly message: string
  readonly details: string
}

export const keepaError = (type: string, message: string, details = ''): KeepaError => ({
  type,
  message,
  details,
})

/** A status and a JSON body. */
export interface Answer {
  readonly status: number
  readonly body: JsonObject
}

/** Level 1: the market is measured against, so it should cost little itself. */
const GZIP_LEVEL = 1

/** The body's bytes: gzip for whoever takes it, as Keepa sends; plain for a bare curl. */
export function encoded(
  request: IncomingMessage,
  text: string,
): { bytes: Buffer; headers: Record<string, string> } {
  const takesGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
  return takesGzip
    ? { bytes: gzipSync(text, { level: GZIP_LEVEL }), headers: { 'content-encoding': 'gzip' } }
    : { bytes: Buffer.from(text), headers: {} }
}

/** Sends a whole answer as JSON. */
export function send(request: IncomingMessage, response: ServerResponse, { status, body }: Answer): void {
  const { bytes, headers } = encoded(request, JSON.stringify(body))
  response.writeHead(status, {
    'content-type': 'application/json;charset=UTF-8',
    'content-length': bytes.length,
    ...headers,
  })
  response.end(bytes)
}

/** The whole body of a request as text. @throws RangeError beyond 1 MB, which no request of Keepa's reaches */
export async function bodyText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > 1_000_000) throw new RangeError('The request body is longer than 1 MB')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
