/**
 * Trouble that often passes by itself, as while Kafka starts: it is said once it has lasted for `quietMs`, and again
 * only when it changes.
 */
export class LastingTrouble {
  readonly #quietMs: number
  readonly #say: (reason: string) => void
  readonly #sayOver: () => void
  #sinceMs: number | undefined
  #said: string | undefined

  constructor(quietMs: number, say: (reason: string) => void, sayOver: () => void) {
    this.#quietMs = quietMs
    this.#say = say
    this.#sayOver = sayOver
  }

  report(reason: string): void {
    this.#sinceMs ??= Date.now()
    if (reason === this.#said || Date.now() - this.#sinceMs < this.#quietMs) return
    this.#said = reason
    this.#say(reason)
  }

  /** All is well; said where the trouble was. */
  over(): void {
    if (this.#said !== undefined) this.#sayOver()
    this.#sinceMs = undefined
    this.#said = undefined
  }
}
