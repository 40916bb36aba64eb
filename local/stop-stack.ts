/** What was started, to be stopped in the opposite order. */
export class StopStack {
  readonly #stops: (() => Promise<unknown>)[] = []

  get isEmpty(): boolean {
    return this.#stops.length === 0
  }

  push(stop: () => Promise<unknown>): void {
    this.#stops.push(stop)
  }

  /** Stops everything, each once; gives the errors of those that did not stop well. */
  async stopAll(): Promise<readonly unknown[]> {
    const failures: unknown[] = []
    for (let stop = this.#stops.pop(); stop; stop = this.#stops.pop()) {
      try {
        await stop()
      } catch (error) {
        failures.push(error)
      }
    }
    return failures
  }
}
