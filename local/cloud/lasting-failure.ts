/** A failure that lasts is reported again this often. */
const AGAIN_MS = 60_000

/** What is reported of one part's failure. */
interface Part {
  readonly sinceMs: number
  /** When each reason was said last. */
  readonly said: Map<string, number>
}

/**
 * Trouble that often passes by itself, as while Kafka starts: it is said once it has lasted for `quietMs`, when it
 * changes, and each minute while it lasts. It may be of several parts, each of which ends its own only; the end is said
 * when no part fails any more.
 */
export class LastingFailure {
  readonly #quietMs: number
  readonly #say: (reason: string) => void
  readonly #sayOver: () => void
  readonly #parts = new Map<string, Part>()
  #wasSaid = false

  constructor(quietMs: number, say: (reason: string) => void, sayOver: () => void) {
    this.#quietMs = quietMs
    this.#say = say
    this.#sayOver = sayOver
  }

  report(reason: string, part = ''): void {
    const nowMs = Date.now()
    const { sinceMs, said } = this.#parts.get(part) ?? this.#begin(part, nowMs)
    if (nowMs - sinceMs < this.#quietMs) return
    if (nowMs - (said.get(reason) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) return
    said.set(reason, nowMs)
    this.#wasSaid = true
    this.#say(reason)
  }

  /** A part works again; reported once no part fails any more. */
  over(part = ''): void {
    if (!this.#parts.delete(part) || this.#parts.size > 0) return
    if (this.#wasSaid) this.#sayOver()
    this.#wasSaid = false
  }

  #begin(part: string, sinceMs: number): Part {
    const begun = { sinceMs, said: new Map<string, number>() }
    this.#parts.set(part, begun)
    return begun
  }
}
