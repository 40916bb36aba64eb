import { createHmac } from 'node:crypto'

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, "Signature scheme" */

const PREFIX = 'whsec_'

/** The specification's limits for a key. */
const LEAST_BYTES = 24
const MOST_BYTES = 64

/**
 * The keys of a channel's secret: one `whsec_...`, or two while a key is replaced, the newer first, separated by a blank.
 * Undefined where it is anything else.
 */
export function keysOf(secret: string): readonly Buffer[] | undefined {
  const parts = secret.trim().split(/\s+/)
  const keys = parts.flatMap((part) => keyOf(part) ?? [])
  return keys.length === parts.length && keys.length <= 2 ? keys : undefined
}

function keyOf(part: string): Buffer | undefined {
  const text = part.slice(PREFIX.length)
  if (!part.startsWith(PREFIX) || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined
  const key = Buffer.from(text, 'base64')
  return key.length >= LEAST_BYTES && key.length <= MOST_BYTES ? key : undefined
}

/** The headers of an attempt: a signature a key, so that a receiver with either takes it. */
export function signedHeaders(
  keys: readonly Buffer[],
  id: string,
  body: string,
  seconds: number = Math.floor(Date.now() / 1_000),
): Readonly<Record<string, string>> {
  const signatures = keys.map(
    (key) => `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`,
  )
  return {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': signatures.join(' '),
  }
}
