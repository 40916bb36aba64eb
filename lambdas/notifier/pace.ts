import { setTimeout as sleep } from 'node:timers/promises'

/** Hands out turns at a steady rate, without bursts: SES counts within any second. */
export class Pace {
  readonly #intervalMs: number
  #nextMs = 0

  constructor(perSecond: number) {
    this.#intervalMs = 1_000 / perSecond
  }

  /** Whether a turn is left before `untilMs`. */
  hasTurn(untilMs: number): boolean {
    return Math.max(Date.now(), this.#nextMs) <= untilMs
  }

  /** Waits for a turn. False, at once, where none comes before `untilMs`: then no turn is used up. */
  async turn(untilMs: number): Promise<boolean> {
    const nowMs = Date.now()
    const turnMs = Math.max(nowMs, this.#nextMs)
    if (turnMs > untilMs) return false
    this.#nextMs = turnMs + this.#intervalMs
    if (turnMs > nowMs) await sleep(turnMs - nowMs)
    return true
  }
}
