import { MAX_RECORD_BYTES } from './batch.ts'
import { PartitionBuffer } from './partition-buffer.ts'
import type { BufferedRecord } from './record.ts'
import type { Verdict } from './response.ts'

/** What a poller works with. */
export interface PollerOptions {
  readonly batchSize: number
  readonly windowMs: number
  /** Invokes the function and reads its answer. */
  readonly deliver: (records: readonly BufferedRecord[]) => Promise<Verdict>
  /** Moves the group's offset: `offset` is where the partition goes on. */
  readonly commit: (offset: bigint) => Promise<void>
  /** Called when the poller is no longer full, so that more can be read. */
  readonly onRoom: () => void
  readonly onRetry: (reason: string, pauseMs: number) => void
}

/** Pauses between deliveries of a batch that fails: 1 s, doubled each time up to 30 s. */
const FIRST_PAUSE_MS = 1_000
const LAST_PAUSE_MS = 30_000

/** As much is read ahead as two invocations can carry. */
const READ_AHEAD_BYTES = 2 * MAX_RECORD_BYTES

/**
 * Delivers the records of one partition, batch by batch: a batch is delivered until the function has done with all of
 * it, and its offset is committed only then. So this partition waits, and no other.
 */
export class Poller {
  readonly #buffer = new PartitionBuffer()
  readonly #options: PollerOptions
  #stopped = false
  #wake: () => void = () => undefined
  /** Grows when records were forgotten: what is under way then is not committed. */
  #generation = 0

  constructor(options: PollerOptions) {
    this.#options = options
  }

  /** Whether enough is read ahead. */
  get isFull(): boolean {
    return this.#buffer.bytes >= READ_AHEAD_BYTES
  }

  add(records: Iterable<BufferedRecord>): void {
    for (const record of records) this.#buffer.push(record)
    this.#wake()
  }

  /** Forgets all records, and gives up the batch under way without committing it: they will be read again. */
  forget(): void {
    this.#generation += 1
    this.#buffer.clear()
    this.#wake()
  }

  /** Takes no more batches; `run` ends once the delivery under way is over, which is committed where it succeeds. */
  stop(): void {
    this.#stopped = true
    this.#wake()
  }

  async run(): Promise<void> {
    while (!this.#stopped) {
      await this.#collect()
      if (!this.#stopped) await this.#deliver()
    }
  }

  /** Waits for a record, then until a batch is full or the window is over. */
  async #collect(): Promise<void> {
    const { batchSize, windowMs } = this.#options
    while (this.#buffer.length === 0 && !this.#stopped) await this.#change()
    const endMs = Date.now() + windowMs
    const isDue = () =>
      this.#stopped ||
      this.#buffer.length >= batchSize ||
      this.#buffer.bytes >= MAX_RECORD_BYTES ||
      Date.now() >= endMs
    while (!isDue()) await this.#change(endMs - Date.now())
  }

  async #deliver(): Promise<void> {
    const { batchSize, deliver, commit, onRoom, onRetry } = this.#options
    const generation = this.#generation
    let records = this.#buffer.take(batchSize, MAX_RECORD_BYTES)
    if (!this.isFull) onRoom()
    let pauseMs = FIRST_PAUSE_MS
    while (records.length > 0) {
      const { left, reason } = await deliver(records)
      if (generation !== this.#generation) return
      const last = records[records.length - left.length - 1]
      if (last) await commit(last.offset + 1n)
      if (left.length === 0 || this.#stopped) return
      onRetry(reason, pauseMs)
      const endMs = Date.now() + pauseMs
      while (Date.now() < endMs) {
        if (this.#stopped || generation !== this.#generation) return
        await this.#change(endMs - Date.now())
      }
      records = left
      pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS)
    }
  }

  /** Resolves when something has happened, or after `withinMs`. */
  #change(withinMs?: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = withinMs === undefined ? undefined : setTimeout(resolve, Math.max(withinMs, 0))
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
