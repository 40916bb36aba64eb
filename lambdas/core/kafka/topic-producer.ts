import { type Kafka, type Message, Partitioners, type Producer } from 'kafkajs'
import { KeeperError, messageOf } from '../errors.ts'
import { explainConnectionError } from './connection-errors.ts'

/** Where a message is in the log. */
export interface SentRecord {
  readonly partition: number
  /** As kafkajs gives it: a whole number that may be larger than a double holds. */
  readonly offset: string
}

interface Pending {
  readonly message: Message
  readonly resolve: (sent: SentRecord) => void
  readonly reject: (error: KeeperError) => void
}

/** Messages that go out in one request; more wait for its answer, so that order is kept. */
const MAX_BATCH_MESSAGES = 500
const MAX_BATCH_BYTES = 700_000

/** The broker's and topic's default `max.message.bytes`. https://kafka.apache.org/41/configuration/topic-configs/ */
const MAX_MESSAGE_BYTES = 1_000_000

/** About 15 s in all: 0.2 s, doubled each time up to 5 s. While the broker stays away one quick look is enough. */
const RETRY = { initialRetryTime: 200, maxRetryTime: 5_000, retries: 7 }
const QUICK_RETRY = { initialRetryTime: 200, maxRetryTime: 500, retries: 1 }

/**
 * Sends messages to one topic with an idempotent producer and acknowledgements of all replicas, and reports partition
 * and offset of each. Sends that are under way together share requests. One per execution environment, kept warm.
 *
 * After a failed send the producer is given up and the next send makes a new one, with a new producer id: kafkajs
 * takes the sequence numbers of a failed batch back, though the broker may have appended it, and the broker would then
 * take the next batch for a repetition of the lost one and acknowledge it without storing it.
 */
export class TopicProducer {
  readonly #kafka: Kafka
  readonly #topic: string
  readonly #bootstrapServers: string
  readonly #queue: Pending[] = []
  #producer: Promise<Producer> | undefined
  #flushing = false
  #brokerAway = false

  constructor(kafka: Kafka, topic: string, bootstrapServers: string) {
    this.#kafka = kafka
    this.#topic = topic
    this.#bootstrapServers = bootstrapServers
  }

  /**
   * Resolves once a broker is connected.
   * @throws KeeperError `kafka_unreachable` or `kafka_wrong_listener` (retriable)
   */
  async connect(): Promise<void> {
    await this.#connected()
  }

  /**
   * Resolves once all in-sync replicas have the message.
   * @throws KeeperError `kafka_message_too_large` (never sent), or `kafka_not_acknowledged`, `kafka_unreachable`,
   *   `kafka_wrong_listener` (retriable; it may be in the log all the same, so send the same event again)
   */
  send(message: { readonly key?: string; readonly value: string }): Promise<SentRecord> {
    const bytes = Buffer.byteLength(message.value)
    if (bytes > MAX_MESSAGE_BYTES) {
      return Promise.reject(
        new KeeperError(
          'kafka_message_too_large',
          `The message has ${bytes} bytes; ${this.#topic} takes ${MAX_MESSAGE_BYTES} at most (max.message.bytes).`,
        ),
      )
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ message: { key: message.key ?? null, value: message.value }, resolve, reject })
      void this.#flush()
    })
  }

  async disconnect(): Promise<void> {
    const producer = await this.#producer?.catch(() => undefined)
    this.#producer = undefined
    await producer?.disconnect()
  }

  async #flush(): Promise<void> {
    if (this.#flushing) return
    this.#flushing = true
    // Sends of the same turn of the event loop go together.
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#queue.length > 0) await this.#sendBatch(this.#takeBatch())
    this.#flushing = false
  }

  #takeBatch(): Pending[] {
    let bytes = 0
    let count = 0
    for (const { message } of this.#queue) {
      bytes += (message.value?.length ?? 0) + 100
      if (count === MAX_BATCH_MESSAGES || (count > 0 && bytes > MAX_BATCH_BYTES)) break
      count += 1
    }
    return this.#queue.splice(0, count)
  }

  async #sendBatch(batch: readonly Pending[]): Promise<void> {
    try {
      const producer = await this.#connected()
      const messages = batch.map(({ message }) => message)
      const answers = await producer.send({ topic: this.#topic, acks: -1, messages })
      // A partition's answer has the offset of its first message; the others follow in their order.
      const next = new Map(answers.map(({ partition, baseOffset }) => [partition, BigInt(baseOffset ?? -1)]))
      for (const { message, resolve } of batch) {
        const partition = message.partition ?? 0
        const offset = next.get(partition) ?? -1n
        next.set(partition, offset + 1n)
        resolve({ partition, offset: String(offset) })
      }
    } catch (error) {
      await this.disconnect().catch(() => undefined)
      const explained = this.#explain(error)
      for (const { reject } of batch) reject(explained)
    }
  }

  async #connected(): Promise<Producer> {
    this.#producer ??= this.#connect()
    try {
      const producer = await this.#producer
      this.#brokerAway = false
      return producer
    } catch (error) {
      this.#producer = undefined
      this.#brokerAway = true
      throw this.#explain(error)
    }
  }

  async #connect(): Promise<Producer> {
    const producer = this.#kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      createPartitioner: stickyPartitioner,
      retry: this.#brokerAway ? QUICK_RETRY : RETRY,
    })
    try {
      await producer.connect()
    } catch (error) {
      await producer.disconnect().catch(() => undefined)
      throw error
    }
    return producer
  }

  #explain(error: unknown): KeeperError {
    if (error instanceof KeeperError) return error
    if (isConnectionError(error)) return explainConnectionError(error, this.#bootstrapServers)
    return new KeeperError(
      'kafka_not_acknowledged',
      `${this.#topic} did not take the message: ${messageOf(error)}`,
      {
        cause: error,
        retriable: true,
      },
    )
  }
}

/**
 * Kafka's default partitioner (murmur2 of the key, as Java's client), whose choice is written into the message: a
 * retry then goes to the same partition, also for messages without a key, and the report can name it.
 */
function stickyPartitioner() {
  const choose = Partitioners.DefaultPartitioner()
  return (input: Parameters<typeof choose>[0]): number => {
    input.message.partition ??= choose(input)
    return input.message.partition
  }
}

function isConnectionError(error: unknown): boolean {
  for (let current = error; current instanceof Error; current = current.cause) {
    if (/Connection|BrokerNotFound|RequestTimeout/.test(current.name)) return true
  }
  return false
}
