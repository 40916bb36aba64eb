import { setTimeout as sleep } from 'node:timers/promises'
import type { Consumer, Kafka } from 'kafkajs'
import { messageOf } from '../../../lambdas/core/errors.ts'
import type { LocalFunction } from '../function.ts'
import type { MappingResource } from '../template.ts'
import { type Batch, endOffsets, sizeOf } from './batch.ts'
import { PartitionBuffer } from './partition-buffer.ts'
import { Poller } from './poller.ts'
import { bufferRecord } from './record.ts'
import { verdictOf } from './response.ts'

/** What a mapping tells its owner. */
export interface MappingEvents {
  /** A batch failed and will be delivered again. */
  retrying(mapping: string, reason: string, pauseMs: number): void
  /** Kafka cannot be read just now; it is tried again. */
  waiting(mapping: string, reason: string): void
}

/** Where a mapping's records go, and where they come from. */
export interface MappingOptions {
  readonly kafka: Kafka
  readonly bootstrapServers: string
  readonly target: LocalFunction
  readonly events: MappingEvents
}

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html: the default window. */
const DEFAULT_WINDOW_MS = 500

/** A partition is read ahead up to this many batches or bytes, and read on when half of it is taken. */
const READ_AHEAD_BATCHES = 2
const READ_AHEAD_BYTES = 12 * 1024 * 1024

const RECONNECT_MS = 1_000

/**
 * An event source mapping for a Kafka topic on this machine. One consumer reads the topic in the mapping's group; each
 * partition has a poller, so that one partition's trouble never holds up another. Offsets are committed only after
 * the function has done with all records before them.
 */
export class EventSourceMapping {
  readonly resource: MappingResource
  readonly #options: MappingOptions
  readonly #buffers = new Map<number, PartitionBuffer>()
  readonly #pollers = new Map<number, Poller>()
  readonly #runs = new Set<Promise<void>>()
  readonly #paused = new Set<number>()
  readonly #stopping = new AbortController()
  #consumer: Consumer | undefined
  #reading: Promise<void> | undefined

  constructor(resource: MappingResource, options: MappingOptions) {
    this.resource = resource
    this.#options = options
  }

  /** Begins to read; where Kafka or the topic is not there yet, it keeps trying. */
  start(): void {
    this.#reading ??= this.#read()
  }

  /** Stops reading and waits for the invocations under way; what they have done is committed. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    for (const poller of this.#pollers.values()) poller.stop()
    await Promise.all(this.#runs)
    await this.#consumer?.disconnect().catch(() => undefined)
    await this.#reading
  }

  /** Reads until stopped, with a new consumer after each failure that kafkajs does not mend by itself. */
  async #read(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#consumeUntilCrash()
      } catch (error) {
        this.#options.events.waiting(this.resource.name, messageOf(error))
      }
      await this.#consumer?.disconnect().catch(() => undefined)
      await sleep(RECONNECT_MS, undefined, { signal: this.#stopping.signal }).catch(() => undefined)
    }
  }

  async #consumeUntilCrash(): Promise<void> {
    const { topic, consumerGroupId, startingPosition } = this.resource
    const consumer = this.#options.kafka.consumer({
      groupId: consumerGroupId,
      allowAutoTopicCreation: false,
      sessionTimeout: 30_000,
      rebalanceTimeout: 30_000,
      maxWaitTimeInMs: 100,
      maxBytesPerPartition: 2 * 1024 * 1024,
      retry: { retries: 5, restartOnFailure: async () => false },
    })
    this.#consumer = consumer
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: startingPosition === 'TRIM_HORIZON' })
    const ended = new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error))
      consumer.on(consumer.events.DISCONNECT, () => resolve())
      // Positions begin anew at what is committed, so what was read and not committed will be read again.
      consumer.on(consumer.events.GROUP_JOIN, () => this.#forget())
    })
    await consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: 8,
      eachBatch: async ({ batch }) => {
        const buffer = this.#bufferOf(batch.partition)
        buffer.push(batch.messages.map((message) => bufferRecord(topic, batch.partition, message)))
        this.#pollers.get(batch.partition)?.notify()
        if (this.#isFull(buffer)) {
          this.#paused.add(batch.partition)
          consumer.pause([{ topic, partitions: [batch.partition] }])
        }
      },
    })
    await ended
  }

  #forget(): void {
    for (const buffer of this.#buffers.values()) buffer.clear()
    for (const poller of this.#pollers.values()) poller.abandon()
    if (this.#paused.size > 0) {
      this.#consumer?.resume([{ topic: this.resource.topic, partitions: [...this.#paused] }])
      this.#paused.clear()
    }
  }

  #bufferOf(partition: number): PartitionBuffer {
    const known = this.#buffers.get(partition)
    if (known) return known
    const buffer = new PartitionBuffer(partition)
    const poller = this.#pollerOf(buffer)
    this.#buffers.set(partition, buffer)
    this.#pollers.set(partition, poller)
    if (this.#stopping.signal.aborted) poller.stop()
    const run = poller.run().finally(() => this.#runs.delete(run))
    this.#runs.add(run)
    return buffer
  }

  #pollerOf(buffer: PartitionBuffer): Poller {
    const { bootstrapServers, target, events } = this.#options
    const { name, topic, batchSize, windowSeconds, reportBatchItemFailures } = this.resource
    return new Poller([buffer], {
      head: { eventSourceArn: LOCAL_CLUSTER_ARN, bootstrapServers, topic },
      batchSize,
      windowMs: windowSeconds === undefined ? DEFAULT_WINDOW_MS : windowSeconds * 1000,
      deliver: async (payload, batch) =>
        verdictOf(await target.invoke(payload), batch, topic, reportBatchItemFailures),
      commit: (done) => this.#commit(done),
      onTaken: () => this.#resume(buffer),
      onRetry: (reason, pauseMs) => events.retrying(name, reason, pauseMs),
    })
  }

  /** A commit that fails is no loss: its records are delivered once more. */
  async #commit(done: Batch): Promise<void> {
    if (sizeOf(done) === 0) return
    const { name, topic } = this.resource
    const offsets = [...endOffsets(new Map([...done].filter(([, records]) => records.length > 0)))]
    await this.#consumer
      ?.commitOffsets(offsets.map(([partition, offset]) => ({ topic, partition, offset: String(offset) })))
      .catch((error: unknown) =>
        this.#options.events.waiting(name, `offsets were not committed: ${messageOf(error)}`),
      )
  }

  #isFull(buffer: PartitionBuffer): boolean {
    return buffer.length >= this.resource.batchSize * READ_AHEAD_BATCHES || buffer.bytes >= READ_AHEAD_BYTES
  }

  #resume(buffer: PartitionBuffer): void {
    if (!this.#paused.has(buffer.partition) || this.#isFull(buffer)) return
    this.#paused.delete(buffer.partition)
    this.#consumer?.resume([{ topic: this.resource.topic, partitions: [buffer.partition] }])
  }
}

/** What stands in an event for the cluster that only AWS has. */
const LOCAL_CLUSTER_ARN =
  'arn:aws:kafka:us-east-1:000000000000:cluster/local/00000000-0000-0000-0000-000000000000-1'
