/** Keepa counts minutes since 2011-01-01T00:00Z. Source: `KeepaTime` of Keepa's own Java client. */
const KEEPA_EPOCH_MINUTES = 21_564_000

const MINUTE_MS = 60_000

/** Unix time in milliseconds of a time in Keepa minutes. */
export const unixMsOfKeepaMinutes = (minutes: number): number => (minutes + KEEPA_EPOCH_MINUTES) * MINUTE_MS

/** Keepa minutes of a Unix time in milliseconds, rounded down to the minute. */
export const keepaMinutesOfUnixMs = (unixMs: number): number =>
  Math.floor(unixMs / MINUTE_MS) - KEEPA_EPOCH_MINUTES

/**
 * A Keepa time as an ISO instant in UTC, `2026-02-20T12:30:00Z`. Undefined for 0 and -1, which mean "never", and for
 * values that a Date cannot hold.
 */
export function isoOfKeepaMinutes(minutes: unknown): string | undefined {
  if (typeof minutes !== 'number' || !Number.isInteger(minutes) || minutes <= 0) return undefined
  const instant = new Date(unixMsOfKeepaMinutes(minutes))
  return Number.isNaN(instant.getTime()) ? undefined : instant.toISOString().replace('.000Z', 'Z')
}
