/** Where the group goes on, by partition. */
export type Offsets = ReadonlyMap<number, bigint>

/**
 * Moves a group's offsets: one request at a time, with the newest offset of each partition that came up meanwhile. A
 * coordinator answers a commit only once it has waited for others to write with it, so that a mapping that waited for
 * each of its own would do little else. https://kafka.apache.org/41/configuration/broker-configs/
 * (group.coordinator.append.linger.ms)
 */
export class OffsetCommits {
  readonly #send: (offsets: Offsets) => Promise<void>
  #waiting = new Map<number, bigint>()
  #sending: Promise<void> | undefined

  /** `send` sees to what goes wrong itself: an offset that is not committed is no loss, its records come once more. */
  constructor(send: (offsets: Offsets) => Promise<void>) {
    this.#send = send
  }

  /** All records of a partition before `offset` are done with. */
  add(partition: number, offset: bigint): void {
    this.#waiting.set(partition, offset)
    this.#sending ??= this.#sendAll()
  }

  /** Offsets that are not on their way yet are none of this group's member any more. */
  forget(): void {
    this.#waiting.clear()
  }

  /** Resolves when nothing waits and nothing is on its way. */
  async settled(): Promise<void> {
    while (this.#sending) await this.#sending
  }

  async #sendAll(): Promise<void> {
    // What is added in the same turn goes along.
    await Promise.resolve()
    while (this.#waiting.size > 0) {
      const offsets = this.#waiting
      this.#waiting = new Map()
      await this.#send(offsets)
    }
    this.#sending = undefined
  }
}
