import { randomUUID } from 'node:crypto'
import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What is no larger goes in one piece through the channel between two processes. */
const LARGE_BYTES = 64 * 1024

/**
 * The way of large payloads into a process: a file without a name that both have open. A channel takes 200 KB at a time,
 * and each piece of the rest waits until whatever this process is at is over.
 */
export class PayloadFile {
  readonly descriptor: number
  #closed = false

  constructor() {
    const path = join(tmpdir(), `keeper-payload-${randomUUID()}`)
    this.descriptor = openSync(path, 'wx+', 0o600)
    unlinkSync(path)
  }

  /**
   * Gives what to send in place of a payload: itself, or how many bytes of the file are to be read. It writes at once:
   * a descriptor that is closed while a write waits may be another file's by then.
   */
  pass(payload: string | Buffer): string | number {
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload
    if (bytes.length <= LARGE_BYTES) return bytes.toString()
    for (let at = 0; at < bytes.length && !this.#closed; ) {
      at += writeSync(this.descriptor, bytes, at, bytes.length - at, at)
    }
    return bytes.length
  }

  close(): void {
    if (!this.#closed) closeSync(this.descriptor)
    this.#closed = true
  }
}
