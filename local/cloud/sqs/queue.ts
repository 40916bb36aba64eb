import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import { codeOf } from '../cloud-error.ts'
import type { QueueResource } from './queue-resource.ts'

/** A message as it is received. Times are in milliseconds since 1970. */
export interface Message {
  readonly id: string
  readonly receiptHandle: string
  readonly body: string
  readonly md5OfBody: string
  readonly attributes: Readonly<Record<string, string>>
  readonly receives: number
  readonly sentMs: number
  readonly firstReceivedMs: number
}

/** What this run knows of a message besides its file. */
interface Receives {
  count: number
  readonly firstMs: number
  /** Until then nobody else receives it. */
  hiddenUntilMs: number
}

/**
 * A queue that is a folder: each message is a file of it, and is there until it is deleted, whatever the retention
 * period. What is in flight is known to this run alone.
 */
export class Queue {
  readonly resource: QueueResource
  readonly #folder: string
  readonly #clock: Clock
  readonly #received = new Map<string, Receives>()

  constructor(resource: QueueResource, destinationDirectory: string, clock: Clock) {
    this.resource = resource
    this.#folder = join(destinationDirectory, resource.name)
    this.#clock = clock
  }

  /** How many messages may be received, and how many are in flight. */
  async count(): Promise<{ readonly visible: number; readonly inFlight: number }> {
    const files = await this.#files()
    const inFlight = files.filter((file) => this.#isHidden(file)).length
    return { visible: files.length - inFlight, inFlight }
  }

  /** Gives up to `most` messages, oldest first, and hides them for a while. */
  async receive(
    most: number,
    hideSeconds = this.resource.visibilityTimeoutSeconds,
  ): Promise<readonly Message[]> {
    const messages: Message[] = []
    for (const file of await this.#files()) {
      if (messages.length >= most) break
      if (this.#isHidden(file)) continue
      const nowMs = this.#clock.nowMs()
      const before = this.#received.get(file)
      const receives = { count: (before?.count ?? 0) + 1, firstMs: before?.firstMs ?? nowMs }
      this.#received.set(file, { ...receives, hiddenUntilMs: nowMs + hideSeconds * 1_000 })
      const message = await this.#read(file, receives)
      if (message) messages.push(message)
    }
    return messages
  }

  /** False where the handle is none of this queue's; a message that is gone already is deleted. */
  async delete(receiptHandle: string): Promise<boolean> {
    const file = fileOf(receiptHandle)
    if (file === undefined) return false
    await rm(join(this.#folder, file), { force: true })
    this.#received.delete(file)
    return true
  }

  async purge(): Promise<void> {
    for (const file of await this.#files()) await rm(join(this.#folder, file), { force: true })
    this.#received.clear()
  }

  /** A folder that is not there is an empty queue. */
  async #files(): Promise<readonly string[]> {
    const names = await readdir(this.#folder).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return []
      throw error
    })
    return names.filter((name) => FILE.test(name)).sort()
  }

  #isHidden(file: string): boolean {
    return (this.#received.get(file)?.hiddenUntilMs ?? 0) > this.#clock.nowMs()
  }

  /** Undefined where it was deleted meanwhile. */
  async #read(
    file: string,
    { count, firstMs }: Pick<Receives, 'count' | 'firstMs'>,
  ): Promise<Message | undefined> {
    const path = join(this.#folder, file)
    try {
      const [text, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)])
      const { body, attributes } = contentOf(text)
      return {
        id: FILE.exec(file)?.[1] ?? randomUUID(),
        receiptHandle: Buffer.from(`${randomUUID()} ${file}`).toString('base64'),
        body,
        md5OfBody: createHash('md5').update(body).digest('hex'),
        attributes,
        receives: count,
        sentMs: Math.floor(mtimeMs),
        firstReceivedMs: firstMs,
      }
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined
      throw error
    }
  }
}

/** Documents end with an id of their own. */
const FILE = /^[^/\\]*?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.json$/

/** The file that a receipt handle names; undefined for what is no handle. */
function fileOf(receiptHandle: string): string | undefined {
  const file = Buffer.from(receiptHandle, 'base64').toString('utf8').split(' ').slice(1).join(' ')
  return FILE.test(file) ? file : undefined
}

/** A message with attributes is written with both; any other document is a body. */
function contentOf(text: string): { readonly body: string; readonly attributes: Message['attributes'] } {
  const document = JSON.parse(text) as {
    readonly messageBody?: unknown
    readonly messageAttributes?: unknown
  }
  if (typeof document.messageBody !== 'string') return { body: JSON.stringify(document), attributes: {} }
  const attributes = (document.messageAttributes ?? {}) as Message['attributes']
  return { body: document.messageBody, attributes }
}
