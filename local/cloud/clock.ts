/** Time as the emulated parts see it, so that a test can turn it. */
export interface Clock {
  /** Milliseconds since 1970. */
  nowMs(): number
  /** Calls back once `ms` milliseconds have passed; gives what takes that back. */
  after(ms: number, call: () => void): () => void
}

/** The machine's own time. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  after: (ms, call) => {
    const timer = setTimeout(call, Math.max(ms, 0))
    return () => clearTimeout(timer)
  },
}

/** Waits for a time or for news, whichever comes first; news ends all waits at once. */
export class Waits {
  readonly #clock: Clock
  readonly #waiting = new Set<() => void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Resolves at the next wake(), or after `withinMs`. */
  next(withinMs?: number): Promise<void> {
    return new Promise((resolve) => {
      const over = () => {
        cancel?.()
        this.#waiting.delete(over)
        resolve()
      }
      const cancel = withinMs === undefined ? undefined : this.#clock.after(withinMs, over)
      this.#waiting.add(over)
    })
  }

  wake(): void {
    for (const over of [...this.#waiting]) over()
  }
}
