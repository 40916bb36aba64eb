import { setTimeout as sleep } from 'node:timers/promises'

/** Where the group goes on, by partition. */
export type Offsets = ReadonlyMap<number, bigint>

/** Before a commit that failed is sent again. */
const AGAIN_MS = 1_000

/**
 * Moves a group's offsets: one request at a time, with the newest offset of each partition that came up meanwhile. A
 * coordinator answers a commit only once it has waited for others to write with it, so that a mapping that waited for
 * each of its own would do little else. https://kafka.apache.org/41/configuration/broker-configs/
 * (group.coordinator.append.linger.ms)
 */
export class OffsetCommits {
  readonly #send: (offsets: Offsets) => Promise<boolean>
  #waiting = new Map<number, bigint>()
  #sending: Promise<void> | undefined
  #closing = false

  /** `send` answers whether the offsets are committed; it sees to what goes wrong itself. */
  constructor(send: (offsets: Offsets) => Promise<boolean>) {
    this.#send = send
  }

  /** All records of a partition before `offset` are done with. */
  add(partition: number, offset: bigint): void {
    this.#waiting.set(partition, offset)
    this.#sending ??= this.#sendAll()
  }

  /** Pending commits are dropped: the member has left the group. */
  forget(): void {
    this.#waiting = new Map()
  }

  /** Resolves when nothing is pending or in flight; what fails from now on is not sent again. */
  async settled(): Promise<void> {
    this.#closing = true
    while (this.#sending) await this.#sending
  }

  async #sendAll(): Promise<void> {
    // What is added in the same turn goes along.
    await Promise.resolve()
    while (this.#waiting.size > 0) {
      const offsets = this.#waiting
      const next = new Map<number, bigint>()
      this.#waiting = next
      if (await this.#send(offsets)) continue
      if (this.#closing) break
      // Unless it was forgotten meanwhile: without another commit, what was done would count as unread for ever.
      if (this.#waiting === next) this.#waiting = new Map([...offsets, ...next])
      await sleep(AGAIN_MS, undefined, { ref: false })
    }
    this.#sending = undefined
  }
}
