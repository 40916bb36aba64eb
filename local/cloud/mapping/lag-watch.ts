import type { Clock } from '../clock.ts'

/** What is looked at, and what follows. */
export interface LagWatchOptions {
  /** Records that are unread now. */
  readonly lag: () => number
  /** A lag of no more than this is one invocation's work. */
  readonly batchSize: number
  /** Called when the records come faster than they are done with. */
  readonly behind: () => void
  readonly clock: Clock
}

/** https://docs.aws.amazon.com/lambda/latest/dg/kafka-scaling-modes.html: "In one-minute intervals". */
const LOOK_MS = 60_000

/** Looks each minute whether a mapping is more than a batch behind, and no less than a minute before. */
export class LagWatch {
  readonly #options: LagWatchOptions
  #before = 0
  #cancel: () => void

  constructor(options: LagWatchOptions) {
    this.#options = options
    this.#cancel = this.#next()
  }

  stop(): void {
    this.#cancel()
  }

  #next(): () => void {
    return this.#options.clock.after(LOOK_MS, () => {
      const { lag, batchSize, behind } = this.#options
      const now = lag()
      if (now > batchSize && now >= this.#before) behind()
      this.#before = now
      this.#cancel = this.#next()
    })
  }
}
