/**
 * The values that Kafka's protocol is made of. https://kafka.apache.org/41/design/protocol/ (protocol primitive types)
 */

const TOO_SHORT = 'it ends before its last value'

/** Reads values one after the other. */
export class WireReader {
  readonly buffer: Buffer
  position: number
  readonly #end: number

  constructor(buffer: Buffer, position = 0, end = buffer.length) {
    this.buffer = buffer
    this.position = position
    this.#end = end
  }

  get remaining(): number {
    return this.#end - this.position
  }

  int8(): number {
    return this.buffer.readInt8(this.#take(1))
  }

  int16(): number {
    return this.buffer.readInt16BE(this.#take(2))
  }

  int32(): number {
    return this.buffer.readInt32BE(this.#take(4))
  }

  /** Offsets and times: a number holds them exactly up to 2^53. */
  int64(): number {
    return Number(this.buffer.readBigInt64BE(this.#take(8)))
  }

  /** In hexadecimal. */
  uuid(): string {
    return this.bytes(16).toString('hex')
  }

  unsigned(): number {
    let value = 0
    let factor = 1
    for (;;) {
      const byte = this.buffer[this.#take(1)] ?? 0
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
      factor *= 128
    }
  }

  /** Zigzag: 0, -1, 1, -2 are 0, 1, 2, 3. */
  signed(): number {
    const value = this.unsigned()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  bytes(length: number): Buffer {
    const start = this.#take(length)
    return this.buffer.subarray(start, start + length)
  }

  /** Bytes behind their length as a signed number; -1 is null. */
  signedBytes(): Buffer | null {
    const length = this.signed()
    return length < 0 ? null : this.bytes(length)
  }

  /** Bytes behind their length plus one; 0 is null. */
  compactBytes(): Buffer | null {
    const length = this.unsigned()
    return length === 0 ? null : this.bytes(length - 1)
  }

  compactString(): string | null {
    return this.compactBytes()?.toString('utf8') ?? null
  }

  compactArray<T>(read: () => T): readonly T[] {
    const count = this.unsigned() - 1
    const values: T[] = []
    for (let index = 0; index < count; index += 1) values.push(read())
    return values
  }

  /** Fields of later versions, by number, which are nothing to us. */
  skipTags(): void {
    for (let left = this.unsigned(); left > 0; left -= 1) {
      this.unsigned()
      this.bytes(this.unsigned())
    }
  }

  #take(length: number): number {
    const start = this.position
    if (length < 0 || start + length > this.#end) throw new Error(TOO_SHORT)
    this.position = start + length
    return start
  }
}

/** Puts values one after the other. */
export class WireWriter {
  readonly #parts: Buffer[] = []

  int8(value: number): this {
    return this.#put(1, (part) => part.writeInt8(value))
  }

  int16(value: number): this {
    return this.#put(2, (part) => part.writeInt16BE(value))
  }

  int32(value: number): this {
    return this.#put(4, (part) => part.writeInt32BE(value))
  }

  int64(value: number): this {
    return this.#put(8, (part) => part.writeBigInt64BE(BigInt(value)))
  }

  uuid(hex: string): this {
    return this.bytes(Buffer.from(hex, 'hex'))
  }

  unsigned(value: number): this {
    const bytes: number[] = []
    let left = value
    for (; left >= 0x80; left = Math.floor(left / 128)) bytes.push((left % 128) | 0x80)
    return this.bytes(Buffer.from([...bytes, left]))
  }

  bytes(value: Buffer): this {
    this.#parts.push(value)
    return this
  }

  /** Length as 16 bits, which the header of every request has. */
  string(value: string): this {
    const bytes = Buffer.from(value)
    return this.int16(bytes.length).bytes(bytes)
  }

  compactString(value: string): this {
    const bytes = Buffer.from(value)
    return this.unsigned(bytes.length + 1).bytes(bytes)
  }

  compactArray<T>(values: readonly T[], write: (value: T) => void): this {
    this.unsigned(values.length + 1)
    for (const value of values) write(value)
    return this
  }

  noTags(): this {
    return this.unsigned(0)
  }

  toBuffer(): Buffer {
    return Buffer.concat(this.#parts)
  }

  #put(length: number, write: (part: Buffer) => void): this {
    const part = Buffer.alloc(length)
    write(part)
    return this.bytes(part)
  }
}
