import { setTimeout as sleep } from 'node:timers/promises'
import type { Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs'
import { messageOf } from '../cloud-error.ts'
import { LastingTrouble } from '../lasting-trouble.ts'
import type { MappingResource } from './mapping-resource.ts'
import type { Offsets } from './offset-commits.ts'
import { startingOffsets } from './starting-offsets.ts'

/** What a reader tells its owner. */
export interface ReaderEvents {
  /**
   * Messages of one partition, the next in offset order; `end` is behind its newest. Answers whether that partition is
   * to be read on.
   */
  messages(partition: number, messages: readonly KafkaMessage[], end: bigint): boolean
  /** Reading begins anew at what is committed: all messages that were not will come again. */
  rewound(): void
  /** Kafka cannot be read for some time now; it is tried again. */
  waiting(reason: string): void
  /** Kafka is read again, after `waiting`. */
  reading(): void
}

/**
 * A member that went without a word, as when its run was killed, keeps its place in the group for this long, and the
 * next one waits for it. Kafka takes no less.
 */
const SESSION_MS = 6_000
const HEARTBEAT_MS = 1_500

/** How long the group's other members may take to join anew. */
const REBALANCE_MS = 10_000

/** How often it is asked whether the topic has more partitions than before. */
const METADATA_MS = 3_000

/** Between a consumer that failed and the next. */
const RECONNECT_MS = 1_000

/** Trouble that is over sooner is not worth a word: a broker that starts still loads its groups. */
const QUIET_MS = 3_000

/** A consumer that is still on its way into the group when it is to stop is not waited for any longer than this. */
const STOP_MS = 3_000

/** Reads one topic as a member of a consumer group, with a new consumer after each failure that kafkajs does not mend. */
export class TopicReader {
  readonly #kafka: Kafka
  readonly #resource: MappingResource
  readonly #events: ReaderEvents
  readonly #trouble: LastingTrouble
  readonly #stopping = new AbortController()
  /** Partitions that are not read now, and how each is read on. */
  readonly #paused = new Map<number, () => void>()
  /** Whether partitions without a committed offset have one now. */
  #isPositioned = false
  #consumer: Consumer | undefined
  #reading: Promise<void> | undefined

  constructor(kafka: Kafka, resource: MappingResource, events: ReaderEvents) {
    this.#kafka = kafka
    this.#resource = resource
    this.#events = events
    this.#trouble = new LastingTrouble(QUIET_MS, events.waiting, events.reading)
  }

  /** Begins to read; where Kafka or the topic is not there yet, it keeps trying. */
  start(): void {
    this.#reading ??= this.#read()
  }

  /** Leaves the group. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await Promise.race([this.#reading, sleep(STOP_MS, undefined, { ref: false })])
  }

  /** Reads a partition on for which `messages` answered false. */
  resume(partition: number): void {
    this.#paused.get(partition)?.()
    this.#paused.delete(partition)
  }

  /** Answers whether the group goes on there. A commit that fails is no loss: the messages before come once more. */
  async commit(offsets: Offsets): Promise<boolean> {
    const { topic } = this.#resource
    const consumer = this.#consumer
    if (!consumer) return false
    try {
      await consumer.commitOffsets(
        [...offsets].map(([partition, offset]) => ({ topic, partition, offset: String(offset) })),
      )
      return true
    } catch (error) {
      this.#trouble.report(`offsets are not committed: ${messageOf(error)}`)
      return false
    }
  }

  async #read(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      const consumer = this.#newConsumer()
      try {
        await this.#consume(consumer, signal)
      } catch (error) {
        this.#trouble.report(messageOf(error))
      }
      this.#consumer = undefined
      this.#rewind()
      await consumer.disconnect().catch(() => undefined)
      await sleep(RECONNECT_MS, undefined, { signal }).catch(() => undefined)
    }
  }

  #newConsumer(): Consumer {
    return this.#kafka.consumer({
      groupId: this.#resource.consumerGroupId,
      allowAutoTopicCreation: false,
      sessionTimeout: SESSION_MS,
      heartbeatInterval: HEARTBEAT_MS,
      rebalanceTimeout: REBALANCE_MS,
      metadataMaxAge: METADATA_MS,
      maxWaitTimeInMs: 100,
      maxBytesPerPartition: 2 * 1024 * 1024,
      retry: { retries: 5, restartOnFailure: async () => false },
    })
  }

  /** Reads until `signal`; throws what ended the consumer before. */
  async #consume(consumer: Consumer, signal: AbortSignal): Promise<void> {
    const { topic } = this.#resource
    const crashed = new Promise<never>((_, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error))
    })
    // It may come before it is waited for.
    crashed.catch(() => undefined)
    consumer.on(consumer.events.GROUP_JOIN, () => this.#rewind())
    consumer.on(consumer.events.HEARTBEAT, () => this.#trouble.over())
    await consumer.connect()
    if (signal.aborted) return
    const starts = this.#isPositioned ? [] : await startingOffsets(this.#kafka, this.#resource)
    // A partition without an offset now is one that is added later: all its records came after the start.
    await consumer.subscribe({ topic, fromBeginning: true })
    if (signal.aborted) return
    this.#consumer = consumer
    const running = consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: 8,
      eachBatch: async (payload) => this.#receive(payload),
    })
    // Before the first fetch; and committed, so that whatever makes the group begin anew begins there.
    for (const start of starts) consumer.seek(start)
    await running
    if (starts.length > 0) await consumer.commitOffsets([...starts])
    this.#isPositioned = true
    await Promise.race([crashed, aborted(signal)])
  }

  #receive({ batch, pause }: EachBatchPayload): void {
    this.#trouble.over()
    const readOn = this.#events.messages(batch.partition, batch.messages, BigInt(batch.highWatermark))
    if (!readOn) this.#paused.set(batch.partition, pause())
  }

  /** kafkajs's positions begin anew at what is committed, whenever it joins the group. */
  #rewind(): void {
    for (const partition of this.#paused.keys()) this.resume(partition)
    this.#events.rewound()
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
