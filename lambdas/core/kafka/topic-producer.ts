import { type Kafka, Partitioners, type Producer, type RecordMetadata, type RetryOptions } from 'kafkajs'
import type { KeeperError } from '../errors.ts'
import { explainConnectionError, probeBrokers } from './connection-errors.ts'
import { explainSendError, isTooLarge, messageTooLarge } from './send-errors.ts'

/** Where a message is in the log. */
export interface SentRecord {
  readonly partition: number
  /** As kafkajs returns it: an integer that may not fit in a double. */
  readonly offset: string
}

/** Creates a client. In kafkajs, connecting uses the client's retry options, not the producer's. */
export type KafkaWith = (retry: RetryOptions) => Kafka

interface Pending {
  /** The partition is chosen and stored here at the first attempt. */
  readonly message: { readonly key: string | null; readonly value: Buffer; partition?: number }
  readonly resolve: (sent: SentRecord) => void
  readonly reject: (error: KeeperError) => void
}

/** The most messages in one request; further ones wait for its answer, so that order is kept. */
const MAX_BATCH_MESSAGES = 500
const MAX_BATCH_BYTES = 700_000
const BYTES_AROUND_A_MESSAGE = 100

/** The broker's and topic's default `max.message.bytes`. https://kafka.apache.org/41/configuration/topic-configs/ */
const MAX_MESSAGE_BYTES = 1_000_000

/** About 15 s in all: 0.2 s, doubled each time up to 5 s. */
const RETRY: RetryOptions = { initialRetryTime: 200, maxRetryTime: 5_000, retries: 7 }

/** One attempt for each of three bootstrap brokers. */
const QUICK_RETRY: RetryOptions = { initialRetryTime: 100, retries: 2 }

/**
 * Sends messages to one topic with an idempotent producer and `acks=all`, and reports the partition and offset of each.
 * Concurrent sends share requests. One per execution environment, kept while it is warm.
 *
 * After a failed send the producer is discarded, and the next send creates one with a new producer id. kafkajs reuses
 * the sequence numbers of a failed batch, although the broker may have appended it; the broker would then treat the
 * next batch as a duplicate and acknowledge it without storing it.
 */
export class TopicProducer {
  readonly #kafka: Kafka
  readonly #quickKafka: Kafka
  readonly #topic: string
  readonly #bootstrapServers: string
  readonly #queue: Pending[] = []
  #producer: Promise<Producer> | undefined
  #flushing = false
  #brokerAway = false

  constructor(kafka: KafkaWith, topic: string, bootstrapServers: string) {
    this.#kafka = kafka(RETRY)
    this.#quickKafka = kafka(QUICK_RETRY)
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
   * @throws KeeperError `kafka_message_too_large` (not in the log), or `kafka_not_acknowledged`, `kafka_unknown_topic`,
   *   `kafka_unreachable`, `kafka_wrong_listener` (retriable; it may be in the log all the same, so send the same event
   *   again)
   */
  send(message: { readonly key?: string; readonly value: string }): Promise<SentRecord> {
    const value = Buffer.from(message.value)
    if (value.length > MAX_MESSAGE_BYTES) return Promise.reject(messageTooLarge(this.#topic, value.length))
    return new Promise((resolve, reject) => {
      this.#queue.push({ message: { key: message.key ?? null, value }, resolve, reject })
      void this.#flush()
    })
  }

  /** Disconnects; the next send reconnects. */
  async disconnect(): Promise<void> {
    const producer = await this.#producer?.catch(() => undefined)
    this.#producer = undefined
    await producer?.disconnect()
  }

  async #flush(): Promise<void> {
    if (this.#flushing) return
    this.#flushing = true
    // Sends from the same turn of the event loop share a request.
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#queue.length > 0) await this.#deliver(this.#takeBatch())
    this.#flushing = false
  }

  #takeBatch(): Pending[] {
    let bytes = 0
    let count = 0
    for (const { message } of this.#queue) {
      bytes += message.value.length + BYTES_AROUND_A_MESSAGE
      if (count === MAX_BATCH_MESSAGES || (count > 0 && bytes > MAX_BATCH_BYTES)) break
      count += 1
    }
    return this.#queue.splice(0, count)
  }

  /** Settles each message of the batch; never throws. */
  async #deliver(batch: readonly Pending[]): Promise<void> {
    try {
      const producer = await this.#connected()
      const messages = batch.map(({ message }) => message)
      const answers = await producer.send({ topic: this.#topic, acks: -1, messages })
      const unanswered = resolveAnswered(batch, answers)
      if (unanswered.length > 0) await this.#giveUp(unanswered, new Error('its partition gave no answer'))
    } catch (error) {
      if (!isTooLarge(error)) await this.#giveUp(batch, error)
      else if (batch[0] && batch.length === 1)
        batch[0].reject(messageTooLarge(this.#topic, batch[0].message.value.length))
      // The producer is kept: the broker appended nothing of what it refused. Partitions of the same request that it
      // did append are recognized by their sequence numbers, and answered with their first offsets.
      else for (const part of split(batch)) await this.#deliver(part)
    }
  }

  async #giveUp(batch: readonly Pending[], error: unknown): Promise<void> {
    await this.disconnect().catch(() => undefined)
    const explained = explainSendError(error, this.#topic, this.#bootstrapServers)
    for (const { reject } of batch) reject(explained)
  }

  async #connected(): Promise<Producer> {
    this.#producer ??= this.#connect()
    const connecting = this.#producer
    try {
      const producer = await connecting
      this.#brokerAway = false
      return producer
    } catch (error) {
      if (this.#producer === connecting) this.#producer = undefined
      this.#brokerAway = true
      throw explainConnectionError(error, this.#bootstrapServers)
    }
  }

  async #connect(): Promise<Producer> {
    // After a failed connection a quick probe comes first, so that a run does not wait in full for each further item.
    if (this.#brokerAway) await probeBrokers(this.#quickKafka.admin(), this.#bootstrapServers)
    const producer = this.#kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      createPartitioner: stickyPartitioner,
      retry: RETRY,
    })
    try {
      await producer.connect()
    } catch (error) {
      await producer.disconnect().catch(() => undefined)
      throw error
    }
    return producer
  }
}

/**
 * Resolves each message with its place. A partition's answer has the offset of its first message; the others follow in
 * order. Returns the messages without an answer: kafkajs does not ask a broker twice, although it may meanwhile have
 * become the leader of another partition of the request.
 */
function resolveAnswered(batch: readonly Pending[], answers: readonly RecordMetadata[]): Pending[] {
  const next = new Map(answers.map(({ partition, baseOffset }) => [partition, BigInt(baseOffset ?? -1)]))
  return batch.filter(({ message: { partition = -1 }, resolve }) => {
    const offset = next.get(partition)
    if (offset === undefined || offset < 0n) return true
    next.set(partition, offset + 1n)
    resolve({ partition, offset: String(offset) })
    return false
  })
}

/** Splits by partition, because perhaps only one was refused; the messages of a single partition in two halves. */
function split(batch: readonly Pending[]): readonly (readonly Pending[])[] {
  const partitions = [...Map.groupBy(batch, ({ message }) => message.partition).values()]
  if (partitions.length > 1) return partitions
  const half = Math.ceil(batch.length / 2)
  return [batch.slice(0, half), batch.slice(half)]
}

/**
 * Kafka's default partitioner (murmur2 of the key, as in the Java client), which stores its choice in the message: a
 * retry then goes to the same partition, even without a key, and the report can name it.
 */
function stickyPartitioner() {
  const choose = Partitioners.DefaultPartitioner()
  return (input: Parameters<typeof choose>[0]): number => {
    input.message.partition ??= choose(input)
    return input.message.partition
  }
}
