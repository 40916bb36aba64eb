import type { Clock } from '../../../local/cloud/clock.ts'

/** A clock that stands still until a test turns it. What is due is called in the order of its time. */
export class TurnableClock implements Clock {
  #nowMs: number
  readonly #timers = new Set<{ readonly atMs: number; readonly call: () => void }>()

  constructor(nowMs: number = Date.now()) {
    this.#nowMs = nowMs
  }

  nowMs(): number {
    return this.#nowMs
  }

  after(ms: number, call: () => void): () => void {
    const timer = { atMs: this.#nowMs + Math.max(ms, 0), call }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Lets `ms` milliseconds pass in which this machine is too busy to call anything: what was due is called late, once. */
  leap(ms: number): void {
    this.#nowMs += ms
    this.turn(0)
  }

  /** Lets `ms` milliseconds pass. */
  turn(ms: number): void {
    const endMs = this.#nowMs + ms
    for (;;) {
      const due = [...this.#timers].filter(({ atMs }) => atMs <= endMs)
      const next = due.sort((a, b) => a.atMs - b.atMs)[0]
      if (!next) break
      this.#timers.delete(next)
      this.#nowMs = Math.max(this.#nowMs, next.atMs)
      next.call()
    }
    this.#nowMs = endMs
  }
}
