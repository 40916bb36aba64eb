import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/**
 * Who may talk to the console. Loopback is no boundary: any page that a browser shows can send requests to it, by its
 * address or by a name that resolves to it (DNS rebinding), and other users of the machine can as well. So the host must
 * be one of ours, the origin of a call too, and calls need the token that only the terminal's address has.
 */
export interface Guard {
  /** `127.0.0.1:8080`, `localhost:8080`. */
  readonly hosts: readonly string[]
  readonly token: string
}

/** The header of the session's token. A page of another origin cannot send it without being asked for first (CORS). */
export const TOKEN_HEADER = 'x-keeper-token'

export interface Refusal {
  readonly status: 400 | 401 | 403 | 415
  readonly message: string
}

/** Why a request is not answered, or undefined. Pages are for everybody on this host; they hold nothing. */
export function refusalOf({ headers, method, url }: IncomingMessage, guard: Guard): Refusal | undefined {
  if (!guard.hosts.includes(headers.host ?? '')) {
    return { status: 403, message: 'This host is not the console: open the address that the terminal shows.' }
  }
  if (method === 'GET' || method === 'HEAD') return undefined
  if (method !== 'POST' || !url?.startsWith('/api/')) {
    return { status: 400, message: 'Calls are POST requests to /api/.' }
  }
  if (!guard.hosts.some((host) => headers.origin === `http://${host}`)) {
    return { status: 403, message: 'This call does not come from the console’s own page.' }
  }
  if (!isToken(headers[TOKEN_HEADER], guard.token)) {
    return { status: 401, message: 'The session is not known: open the address that the terminal shows.' }
  }
  if (headers['content-type'] !== 'application/json') {
    return { status: 415, message: 'Calls are application/json.' }
  }
  return undefined
}

function isToken(given: string | string[] | undefined, token: string): boolean {
  if (typeof given !== 'string') return false
  const [a, b] = [Buffer.from(given), Buffer.from(token)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** Nothing but our own files, no inline script, nowhere to send data but here. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

/**
 * A mail has styles and pictures of its own, no scripts, and is shown in a sandboxed frame of the console alone. Its links
 * open in tabs of their own, which are not in the sandbox.
 */
export const MAIL_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"

/** Headers of every answer. */
export const securityHeaders = (policy: string = PAGE_POLICY): Record<string, string> => ({
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  // With no-referrer a browser would send `Origin: null` even to its own page.
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
})
