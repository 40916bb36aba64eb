import { connect, type Socket } from 'node:net'
import { WireReader, WireWriter } from './wire.ts'

/** `host` and `port` of a broker. */
export interface BrokerAddress {
  readonly host: string
  readonly port: number
}

const CONNECT_MS = 3_000
/** A broker that is silent for this long beyond what it was asked to wait is taken for gone. */
const ANSWER_MS = 10_000
const CLIENT_ID = 'local-cloud'

interface Waiting {
  readonly resolve: (answer: WireReader) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

/**
 * A connection to one broker, for requests whose version is of the newer kind (with tags).
 * https://kafka.apache.org/41/design/protocol/
 */
export class BrokerConnection {
  readonly #socket: Socket
  readonly #waiting = new Map<number, Waiting>()
  readonly #name: string
  #chunks: Buffer[] = []
  #length = 0
  #correlationId = 0
  #closed: Error | undefined

  private constructor(socket: Socket, name: string) {
    this.#socket = socket
    this.#name = name
    socket.on('data', (chunk: Buffer) => this.#received(chunk))
    socket.on('error', (error) => this.#end(error))
    socket.on('close', () => this.#end(new Error(`the connection to ${name} was closed`)))
  }

  static open({ host, port }: BrokerAddress): Promise<BrokerConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 10_000 })
      const late = () => socket.destroy(new Error(`${host}:${port} does not take connections`))
      socket.setTimeout(CONNECT_MS, late)
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.setTimeout(0)
        socket.off('timeout', late)
        socket.off('error', reject)
        resolve(new BrokerConnection(socket, `${host}:${port}`))
      })
    })
  }

  get isOpen(): boolean {
    return this.#closed === undefined
  }

  /** Sends a request; its answer is read from behind the header. `waitMs` is what the broker may wait itself. */
  send(key: number, version: number, body: WireWriter, waitMs = 0): Promise<WireReader> {
    const correlationId = this.#correlationId
    this.#correlationId = (correlationId + 1) & 0x7fffffff
    const message = new WireWriter()
      .int16(key)
      .int16(version)
      .int32(correlationId)
      .string(CLIENT_ID)
      .noTags()
      .bytes(body.toBuffer())
      .toBuffer()
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(this.#closed)
      const late = () => this.#end(new Error(`${this.#name} does not answer`))
      const timer = setTimeout(late, waitMs + ANSWER_MS)
      timer.unref()
      this.#waiting.set(correlationId, { resolve, reject, timer })
      this.#socket.write(Buffer.concat([new WireWriter().int32(message.length).toBuffer(), message]))
    })
  }

  close(): void {
    this.#end(new Error('the connection is closed'))
  }

  #received(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#length += chunk.length
    while (this.#length >= 4) {
      if ((this.#chunks[0]?.length ?? 0) < 4) this.#chunks = [Buffer.concat(this.#chunks)]
      const size = this.#chunks[0]?.readInt32BE(0) ?? 0
      if (this.#length < 4 + size) return
      const all = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks)
      if (!all) return
      this.#answered(all.subarray(4, 4 + size))
      const rest = all.subarray(4 + size)
      this.#chunks = rest.length > 0 ? [rest] : []
      this.#length = rest.length
    }
  }

  #answered(frame: Buffer): void {
    const reader = new WireReader(frame)
    const correlationId = reader.int32()
    const waiting = this.#waiting.get(correlationId)
    this.#waiting.delete(correlationId)
    if (!waiting) return
    clearTimeout(waiting.timer)
    reader.skipTags()
    waiting.resolve(reader)
  }

  #end(error: Error): void {
    if (this.#closed) return
    this.#closed = error
    this.#socket.destroy()
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer)
      reject(error)
    }
    this.#waiting.clear()
  }
}
