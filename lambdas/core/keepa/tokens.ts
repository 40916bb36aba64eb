import { asNumber, type JsonObject } from './json.ts'

/** What Keepa last reported about tokens, so that no request is sent that it would refuse. */
export interface TokenMemory {
  /** Records what an answer of any status reports. */
  note(answer: JsonObject, nowMs: number): void
  /** Milliseconds until there is at least one token that is not reserved; 0 if there is one, or nothing is known. */
  waitMs(nowMs: number): number
  /** Estimated tokens at `nowMs`, undefined if unknown; negative if more were used than there were. */
  left(nowMs: number): number | undefined
  /** The most tokens there can be: what Keepa adds in an hour, after which tokens expire; undefined if unknown. */
  capacity(): number | undefined
}

/** Tokens are added once a minute, `refillRate` at a time, the next after `refillIn` ms. */
const REFILL_INTERVAL_MS = 60_000

/** Keepa's own client waits this much longer than `refillIn`. */
export const REFILL_MARGIN_MS = 100

const REFILLS_AN_HOUR = 60

/**
 * The share of an hour's tokens that the price check and the deal collector leave, so that the history of a product that
 * somebody adds is there at once, even while a long pass waits for tokens.
 */
export const RESERVED_FOR_IMPORTS = 0.1

/**
 * An empty memory: nothing is known before the first answer.
 * @param reserved the share of an hour's tokens that is left for others
 */
export function createTokenMemory(reserved = 0): TokenMemory {
  let known: { left: number; refillAt: number; refillRate: number } | undefined

  const refillsUntil = (nowMs: number, refillAt: number) =>
    nowMs < refillAt ? 0 : 1 + Math.floor((nowMs - refillAt) / REFILL_INTERVAL_MS)

  const left = (nowMs: number) => known && known.left + refillsUntil(nowMs, known.refillAt) * known.refillRate

  return {
    note(answer, nowMs) {
      const tokensLeft = asNumber(answer.tokensLeft)
      const refillRate = asNumber(answer.refillRate)
      // Some error bodies have all token fields at zero, which says nothing about the real number.
      if (tokensLeft === undefined || !refillRate || refillRate < 0) return
      const refillIn = Math.max(0, asNumber(answer.refillIn) ?? REFILL_INTERVAL_MS)
      known = { left: tokensLeft, refillAt: nowMs + refillIn, refillRate }
    },
    waitMs(nowMs) {
      if (!known) return 0
      const least = 1 + Math.floor(known.refillRate * REFILLS_AN_HOUR * reserved)
      if ((left(nowMs) ?? least) >= least) return 0
      const refills = Math.ceil((least - known.left) / known.refillRate)
      return known.refillAt + (refills - 1) * REFILL_INTERVAL_MS - nowMs + REFILL_MARGIN_MS
    },
    left,
    capacity: () => known && known.refillRate * REFILLS_AN_HOUR,
  }
}

/** Milliseconds to wait after a refusal for lack of tokens, as the answer says; a minute if it does not. */
export const refusalWaitMs = (answer: JsonObject): number =>
  Math.max(0, asNumber(answer.refillIn) ?? REFILL_INTERVAL_MS) + REFILL_MARGIN_MS
