import { asNumber, type JsonObject } from './json.ts'

/** What Keepa last said of its tokens, so that no call is made that it would refuse. */
export interface TokenMemory {
  /** Takes over what an answer says, whatever its status. */
  note(answer: JsonObject, nowMs: number): void
  /** How long to wait until there is at least one token, in milliseconds; 0 where there is, or nothing is known. */
  waitMs(nowMs: number): number
  /** Tokens there are by now, as far as known; below 0 where more were used than there were. */
  left(nowMs: number): number | undefined
}

/** Tokens come once a minute, `refillRate` at a time, the next in `refillIn` ms. */
const REFILL_INTERVAL_MS = 60_000

/** Keepa's own client waits this much longer than `refillIn`. */
export const REFILL_MARGIN_MS = 100

/** An empty memory: nothing is known before the first answer. */
export function createTokenMemory(): TokenMemory {
  let known: { left: number; refillAt: number; refillRate: number } | undefined

  const refillsUntil = (nowMs: number, refillAt: number) =>
    nowMs < refillAt ? 0 : 1 + Math.floor((nowMs - refillAt) / REFILL_INTERVAL_MS)

  const left = (nowMs: number) => known && known.left + refillsUntil(nowMs, known.refillAt) * known.refillRate

  return {
    note(answer, nowMs) {
      const tokensLeft = asNumber(answer.tokensLeft)
      const refillRate = asNumber(answer.refillRate)
      // Some error bodies have all token fields at zero, which says nothing about the tokens there are.
      if (tokensLeft === undefined || !refillRate || refillRate < 0) return
      const refillIn = Math.max(0, asNumber(answer.refillIn) ?? REFILL_INTERVAL_MS)
      known = { left: tokensLeft, refillAt: nowMs + refillIn, refillRate }
    },
    waitMs(nowMs) {
      if (!known || (left(nowMs) ?? 1) >= 1) return 0
      const refills = Math.ceil((1 - known.left) / known.refillRate)
      return known.refillAt + (refills - 1) * REFILL_INTERVAL_MS - nowMs + REFILL_MARGIN_MS
    },
    left,
  }
}

/** The wait that a refusal for lack of tokens asks for, in milliseconds; a minute where it does not say. */
export const refusalWaitMs = (answer: JsonObject): number =>
  Math.max(0, asNumber(answer.refillIn) ?? REFILL_INTERVAL_MS) + REFILL_MARGIN_MS
