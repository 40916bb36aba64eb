/** A service that names a later time is asked again within a day. */
const MOST_MS = 24 * 3_600_000

/**
 * The milliseconds that a Retry-After header asks to wait: seconds or a date. Undefined where it says neither.
 * https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function retryAfterMs(header: string | undefined, nowMs: number = Date.now()): number | undefined {
  if (header === undefined) return undefined
  const ms = /^\s*\d+\s*$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - nowMs
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), MOST_MS)
}
