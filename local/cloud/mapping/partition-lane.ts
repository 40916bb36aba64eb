import type { Slice } from './batch.ts'
import { PartitionBuffer } from './partition-buffer.ts'
import type { BufferedRecord } from './record.ts'

/** What a lane works with. */
export interface LaneOptions {
  readonly partition: number
  /** How many bytes are read ahead. */
  readonly readAheadBytes: number
  /** Has the group's offset moved, without a wait for it: `offset` is where the partition goes on. */
  readonly commit: (offset: bigint) => void
  /** Called when the lane is no longer full, so that more can be read. */
  readonly onRoom: () => void
  /** Called when nothing is under way any more. */
  readonly onFree: () => void
}

/** Records that were taken out of a lane to be delivered. */
export interface Part extends Slice {
  readonly lane: PartitionLane
  readonly generation: number
}

/** One partition's way through a mapping: its records in offset order, of which one part is under way at a time. */
export class PartitionLane {
  readonly partition: number
  readonly #buffer = new PartitionBuffer()
  readonly #options: LaneOptions
  #busy = false
  /** Grows when records were forgotten: what is under way then is not committed. */
  #generation = 0
  /** Where the partition goes on after records that the filter dropped behind the last one kept. */
  #filteredTo: bigint | undefined

  constructor(options: LaneOptions) {
    this.partition = options.partition
    this.#options = options
  }

  /** Whether enough is read ahead. */
  get isFull(): boolean {
    return this.#buffer.bytes >= this.#options.readAheadBytes
  }

  /** Records that may be delivered now: none while others are under way. */
  get waiting(): number {
    return this.#busy ? 0 : this.#buffer.length
  }

  /** The next of them, as it stands in a payload. */
  get nextBytes(): number {
    return this.#busy ? 0 : this.#buffer.nextBytes
  }

  /** Of the records that may be delivered now, as they stand in a payload. */
  get waitingBytes(): number {
    return this.#busy ? 0 : this.#buffer.bytes
  }

  /** Takes what was read up to `nextOffset`: the records of it that the filter keeps. */
  add(records: readonly BufferedRecord[], nextOffset: bigint): void {
    for (const record of records) this.#buffer.push(record)
    const last = records.at(-1)?.offset
    this.#filteredTo = last !== undefined && last + 1n === nextOffset ? undefined : nextOffset
    if (!this.#busy) this.#commitFiltered()
  }

  /** Takes records to deliver, which are under way until they are released. */
  take(maxRecords: number, maxBytes: number): Part {
    const records = this.#buffer.take(maxRecords, maxBytes)
    this.#busy = true
    if (!this.isFull) this.#options.onRoom()
    return { lane: this, partition: this.partition, records, generation: this.#generation }
  }

  /** Whether a part taken before is still what the lane goes by. */
  isCurrent({ generation }: Pick<Part, 'generation'>): boolean {
    return generation === this.#generation
  }

  /** All records of a part before `offset` are done with. */
  commit(part: Pick<Part, 'generation'>, offset: bigint): void {
    if (this.isCurrent(part)) this.#options.commit(offset)
  }

  /** Nothing of a part is under way any more: it is done with, or was given up and will be read again. */
  release(part: Pick<Part, 'generation'>, outcome: 'done' | 'given-up'): void {
    this.#busy = false
    if (this.isCurrent(part) && outcome === 'done') this.#commitFiltered()
    this.#options.onFree()
  }

  /** Forgets all records, and whatever is under way is not committed: they will be read again. */
  forget(): void {
    this.#generation += 1
    this.#filteredTo = undefined
    this.#buffer.clear()
  }

  #commitFiltered(): void {
    const offset = this.#filteredTo
    if (offset === undefined || this.#buffer.length > 0) return
    this.#filteredTo = undefined
    this.#options.commit(offset)
  }
}
