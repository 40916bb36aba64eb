import { type Clock, Waits } from '../clock.ts'
import type { Part, PartitionLane } from './partition-lane.ts'

/** What a poller works with. */
export interface PollerOptions {
  readonly batchSize: number
  readonly windowMs: number
  /** How many bytes of a payload its slices may take. */
  readonly roomBytes: number
  /** What a slice of a partition takes beside its records. */
  readonly sliceBytes: (partition: number) => number
  /** Invokes the function with a batch; resolves after the invocation, whatever has to follow it. */
  readonly deliver: (parts: readonly Part[]) => Promise<void>
  /** Called when a batch has to wait because as many invocations as may be are under way. */
  readonly onBusy: () => void
  readonly clock: Clock
}

/** https://docs.aws.amazon.com/lambda/latest/dg/kafka-scaling-modes.html: of one event poller. */
const MOST_INVOCATIONS = 5

/**
 * Makes batches of the records of some partitions: a batch is what several of them have waiting, up to the batch size
 * and the payload's limit. A partition with records under way adds none, so its order is kept, and holds up no other.
 */
export class Poller {
  readonly #options: PollerOptions
  readonly #waits: Waits
  readonly #underWay = new Set<Promise<void>>()
  /** Those that gave records last are at the end. */
  #lanes: PartitionLane[] = []
  #stopped = false

  constructor(options: PollerOptions) {
    this.#options = options
    this.#waits = new Waits(options.clock)
  }

  /** How many partitions are this poller's. */
  get partitions(): number {
    return this.#lanes.length
  }

  own(lane: PartitionLane): void {
    this.#lanes.push(lane)
    this.wake()
  }

  /** Gives every second of the partitions that wait, or of all, to another poller. */
  giveAway(which: 'waiting' | 'all' = 'waiting'): readonly PartitionLane[] {
    const lanes = which === 'all' ? this.#lanes.slice(1) : this.#lanes.filter(({ waiting }) => waiting > 0)
    const given = lanes.filter((_, index) => index % 2 === 0)
    if (given.length === this.#lanes.length) return []
    this.#lanes = this.#lanes.filter((lane) => !given.includes(lane))
    return given
  }

  /** A partition has more records, or nothing under way any more. */
  wake(): void {
    this.#waits.wake()
  }

  /** Takes no more batches; `run` ends once the invocations under way are over. */
  stop(): void {
    this.#stopped = true
    this.wake()
  }

  async run(): Promise<void> {
    while (!this.#stopped) {
      await this.#collect()
      const parts = this.#stopped ? [] : this.#take()
      if (parts.length === 0) continue
      const delivered = this.#options.deliver(parts)
      this.#underWay.add(delivered)
      void delivered.finally(() => {
        this.#underWay.delete(delivered)
        this.wake()
      })
    }
    await Promise.all(this.#underWay)
  }

  /** Waits for a record, then until a batch is full or the window is over, then for an invocation's place. */
  async #collect(): Promise<void> {
    const { windowMs, clock, onBusy } = this.#options
    while (!this.#stopped && this.#waiting().records === 0) await this.#waits.next()
    const endMs = clock.nowMs() + windowMs
    while (!this.#stopped && !this.#isFull() && clock.nowMs() < endMs) {
      await this.#waits.next(endMs - clock.nowMs())
    }
    while (!this.#stopped && this.#underWay.size >= MOST_INVOCATIONS) {
      onBusy()
      await this.#waits.next()
    }
  }

  #isFull(): boolean {
    const { batchSize, roomBytes } = this.#options
    const { records, bytes } = this.#waiting()
    return records >= batchSize || bytes >= roomBytes
  }

  #waiting(): { readonly records: number; readonly bytes: number } {
    let records = 0
    let bytes = 0
    for (const lane of this.#lanes) {
      if (lane.waiting === 0) continue
      records += lane.waiting
      bytes += lane.waitingBytes + this.#options.sliceBytes(lane.partition)
    }
    return { records, bytes }
  }

  /** A record that is larger than a payload goes alone. */
  #take(): readonly Part[] {
    const { batchSize, roomBytes, sliceBytes } = this.#options
    const parts: Part[] = []
    let records = batchSize
    let bytes = roomBytes
    for (const lane of this.#lanes) {
      if (lane.waiting === 0 || records === 0) continue
      bytes -= sliceBytes(lane.partition)
      if (parts.length > 0 && lane.nextBytes > bytes) break
      const part = lane.take(records, bytes)
      parts.push(part)
      records -= part.records.length
      bytes -= part.records.reduce((sum, record) => sum + record.bytes, 0)
    }
    const given = parts.map(({ lane }) => lane)
    this.#lanes = [...this.#lanes.filter((lane) => !given.includes(lane)), ...given]
    return parts
  }
}
