import { statSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'

const CHUNK_BYTES = 1024 * 1024

/** Reads what is added to a log from now on, line by line. */
export class LogFollower {
  readonly #file: string
  readonly #line: (line: string) => void
  #offset: number
  #reading: Promise<void> = Promise.resolve()

  constructor(file: string, line: (line: string) => void) {
    this.#file = file
    this.#line = line
    this.#offset = statSync(file, { throwIfNoEntry: false })?.size ?? 0
  }

  /** Reads up to the last whole line that there is now. */
  read(): Promise<void> {
    this.#reading = this.#reading.then(() => this.#readOn()).catch(() => undefined)
    return this.#reading
  }

  async #readOn(): Promise<void> {
    const file = await open(this.#file)
    try {
      const { size } = await file.stat()
      // Someone has emptied the log.
      if (size < this.#offset) this.#offset = 0
      for (let more = true; more; ) more = await this.#readChunk(file)
    } finally {
      await file.close()
    }
  }

  async #readChunk(file: FileHandle): Promise<boolean> {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, this.#offset)
    const end = buffer.lastIndexOf(10, bytesRead - 1)
    if (bytesRead === 0) return false
    // A line longer than a chunk has no metrics: the format's limit is 1 MB.
    if (end < 0) {
      if (bytesRead === CHUNK_BYTES) this.#offset += bytesRead
      return bytesRead === CHUNK_BYTES
    }
    this.#offset += end + 1
    for (const line of buffer.toString('utf8', 0, end).split('\n')) this.#line(line)
    return bytesRead === CHUNK_BYTES
  }
}
