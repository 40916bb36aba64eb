import type { BufferedRecord } from './record.ts'

/** Records of one partition that were read and not yet delivered, in offset order. */
export class PartitionBuffer {
  readonly partition: number
  /** Grows at the end; what is taken from the front is let go of now and then, not at each take. */
  #records: BufferedRecord[] = []
  #head = 0
  #bytes = 0
  #nextOffset = -1n

  constructor(partition: number) {
    this.partition = partition
  }

  get length(): number {
    return this.#records.length - this.#head
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Adds records; those that were added before (a fetch may overlap the last) are passed over. */
  push(records: readonly BufferedRecord[]): void {
    for (const record of records) {
      if (record.offset < this.#nextOffset) continue
      this.#records.push(record)
      this.#bytes += record.bytes
      this.#nextOffset = record.offset + 1n
    }
  }

  /** Takes records from the front, up to a number and a size in bytes. */
  take(maxRecords: number, maxBytes: number): readonly BufferedRecord[] {
    let bytes = 0
    let end = this.#head
    for (; end < this.#records.length && end - this.#head < maxRecords; end += 1) {
      const size = this.#records[end]?.bytes ?? 0
      if (bytes + size > maxBytes) break
      bytes += size
    }
    const taken = this.#records.slice(this.#head, end)
    this.#head = end
    this.#bytes -= bytes
    if (this.#head > 10_000 || this.#head === this.#records.length) {
      this.#records = this.#records.slice(this.#head)
      this.#head = 0
    }
    return taken
  }

  /** Forgets all, as after a rebalance: what is not committed will be read again. */
  clear(): void {
    this.#records = []
    this.#head = 0
    this.#bytes = 0
    this.#nextOffset = -1n
  }
}
