import type { EventHead } from './batch.ts'
import { type Batch, HEAD_BYTES, MAX_PAYLOAD_BYTES, payloadOf, sizeOf } from './batch.ts'
import type { PartitionBuffer } from './partition-buffer.ts'
import type { BufferedRecord } from './record.ts'
import type { Verdict } from './response.ts'

/** What a poller works with. */
export interface PollerOptions {
  readonly head: EventHead
  readonly batchSize: number
  readonly windowMs: number
  /** Invokes the function and reads its answer. */
  readonly deliver: (payload: string, batch: Batch) => Promise<Verdict>
  /** Moves the group's offsets past what is done. */
  readonly commit: (done: Batch) => Promise<void>
  /** Called when records were taken, so that more can be read. */
  readonly onTaken: () => void
  readonly onRetry: (reason: string, pauseMs: number) => void
}

/** Pauses between deliveries of a batch that fails: 1 s, doubled each time up to 30 s. */
const FIRST_PAUSE_MS = 1_000
const LAST_PAUSE_MS = 30_000

/**
 * Delivers the records of some partitions, batch by batch: a batch is delivered until the function has done with all
 * of it, and its offsets are committed only then. So these partitions wait, and no others.
 */
export class Poller {
  readonly #buffers: readonly PartitionBuffer[]
  readonly #options: PollerOptions
  #stopped = false
  #wake: () => void = () => undefined
  /** Bumped when the partitions' records were forgotten: what is under way then is not committed. */
  #generation = 0

  constructor(buffers: readonly PartitionBuffer[], options: PollerOptions) {
    this.#buffers = buffers
    this.#options = options
  }

  /** Says that records have arrived. */
  notify(): void {
    this.#wake()
  }

  /** Gives up the batch that is under way without committing it. */
  abandon(): void {
    this.#generation += 1
    this.#wake()
  }

  /** Takes no more batches; `run` ends once the delivery under way is over, which is committed where it succeeds. */
  stop(): void {
    this.#stopped = true
    this.#wake()
  }

  async run(): Promise<void> {
    while (!this.#stopped) {
      const generation = this.#generation
      const batch = await this.#collect()
      if (batch.size > 0) await this.#deliver(batch, generation)
    }
  }

  /** Waits for a record, then until the batch is full or the window is over. */
  async #collect(): Promise<Batch> {
    const { batchSize, windowMs, onTaken } = this.#options
    while (this.#count() === 0) {
      if (this.#stopped) return new Map()
      await this.#change()
    }
    const end = Date.now() + windowMs
    while (
      !this.#stopped &&
      this.#count() < batchSize &&
      this.#bytes() < MAX_PAYLOAD_BYTES &&
      Date.now() < end
    ) {
      await this.#change(end - Date.now())
    }
    if (this.#stopped) return new Map()
    const batch = this.#take()
    onTaken()
    return batch
  }

  async #deliver(whole: Batch, generation: number): Promise<void> {
    const { head, deliver, commit, onRetry } = this.#options
    let batch = whole
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS)) {
      const { left, reason } = await deliver(payloadOf(batch, head), batch)
      if (generation !== this.#generation) return
      await commit(without(batch, left))
      if (sizeOf(left) === 0 || this.#stopped) return
      batch = left
      onRetry(reason ?? 'records are left', pauseMs)
      const end = Date.now() + pauseMs
      while (Date.now() < end && !this.#stopped && generation === this.#generation) {
        await this.#change(end - Date.now())
      }
      if (this.#stopped || generation !== this.#generation) return
    }
  }

  /** In turn from each partition, so that a full one does not keep the others out. */
  #take(): Batch {
    const batch = new Map<number, readonly BufferedRecord[]>()
    let records = this.#options.batchSize
    let bytes = MAX_PAYLOAD_BYTES - HEAD_BYTES
    const filled = this.#buffers.filter((buffer) => buffer.length > 0).sort((a, b) => a.length - b.length)
    filled.forEach((buffer, index) => {
      const shares = filled.length - index
      const taken = buffer.take(Math.ceil(records / shares), Math.max(bytes / shares, 0))
      records -= taken.length
      bytes -= taken.reduce((sum, record) => sum + record.bytes, 0)
      if (taken.length > 0) batch.set(buffer.partition, taken)
    })
    // A record larger than a share, or than any payload, is delivered alone: the function's limit says the rest.
    const [first] = filled
    if (batch.size === 0 && first) batch.set(first.partition, first.take(1, Number.POSITIVE_INFINITY))
    return batch
  }

  #count(): number {
    return this.#buffers.reduce((sum, buffer) => sum + buffer.length, 0)
  }

  #bytes(): number {
    return this.#buffers.reduce((sum, buffer) => sum + buffer.bytes, 0)
  }

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

/** The part of a batch that is done: what comes before the records that are left. */
function without(batch: Batch, left: Batch): Batch {
  return new Map(
    [...batch].map(([partition, records]) => [
      partition,
      records.slice(0, records.length - (left.get(partition)?.length ?? 0)),
    ]),
  )
}
