import type { BufferedRecord } from './record.ts'

/** How many records may be taken from the front before their room is let go of. */
const TAKEN_ROOM = 10_000

/** Records of one partition that were read and not yet delivered, in offset order. */
export class PartitionBuffer {
  #records: BufferedRecord[] = []
  #head = 0
  #bytes = 0

  get length(): number {
    return this.#records.length - this.#head
  }

  /** Of the records as they stand in a payload. */
  get bytes(): number {
    return this.#bytes
  }

  /** Of the record at the front; 0 where there is none. */
  get nextBytes(): number {
    return this.#records[this.#head]?.bytes ?? 0
  }

  push(record: BufferedRecord): void {
    this.#records.push(record)
    this.#bytes += record.bytes
  }

  /** Takes records from the front, up to a number and a size in bytes, and at least one where there is one. */
  take(maxRecords: number, maxBytes: number): readonly BufferedRecord[] {
    let bytes = 0
    let end = this.#head
    for (; end < this.#records.length && end - this.#head < maxRecords; end += 1) {
      const size = this.#records[end]?.bytes ?? 0
      if (bytes + size > maxBytes && end > this.#head) break
      bytes += size
    }
    const taken = this.#records.slice(this.#head, end)
    this.#head = end
    this.#bytes -= bytes
    if (this.#head > TAKEN_ROOM || this.#head === this.#records.length) {
      this.#records = this.#records.slice(this.#head)
      this.#head = 0
    }
    return taken
  }

  clear(): void {
    this.#records = []
    this.#head = 0
    this.#bytes = 0
  }
}
