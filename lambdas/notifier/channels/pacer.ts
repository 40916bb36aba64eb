import { setTimeout as sleep } from 'node:timers/promises'

/** Waits for the next turn. @throws AbortError where `signal` ends first; the turn is then spent. */
export type Pacer = (signal: AbortSignal) => Promise<void>

/** Turns at an even distance, `perSecond` of them a second, in the order in which they are asked for. */
export function createPacer(perSecond: number): Pacer {
  const distanceMs = 1_000 / perSecond
  let nextMs = 0
  return async (signal) => {
    const nowMs = performance.now()
    const turnMs = Math.max(nextMs, nowMs)
    nextMs = turnMs + distanceMs
    if (turnMs > nowMs) await sleep(turnMs - nowMs, undefined, { signal })
  }
}
