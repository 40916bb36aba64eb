import type { Kafka, KafkaMessage } from 'kafkajs'
import type { LocalFunction } from '../function.ts'
import type { MappingResource } from '../template.ts'
import { payloadOf } from './batch.ts'
import { Poller } from './poller.ts'
import { bufferRecord } from './record.ts'
import { verdictOf } from './response.ts'
import { TopicReader } from './topic-reader.ts'

/** What a mapping tells its owner; `mapping` is its name for people. */
export interface MappingEvents {
  /** A batch failed and will be delivered again. */
  retrying(mapping: string, reason: string, pauseMs: number): void
  /** Kafka cannot be read for some time now; it is tried again. */
  waiting(mapping: string, reason: string): void
  /** Kafka is read again, after `waiting`. */
  reading(mapping: string): void
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

/** What stands in an event for the cluster that only AWS has. */
const LOCAL_CLUSTER_ARN =
  'arn:aws:kafka:us-east-1:000000000000:cluster/local/00000000-0000-0000-0000-000000000000-1'

/**
 * An event source mapping for a Kafka topic on this machine. One consumer reads the topic in the mapping's group; each
 * partition has a poller, so that one partition's trouble never holds up another. Offsets are committed only after
 * the function has done with all records before them.
 */
export class EventSourceMapping {
  readonly resource: MappingResource
  /** Topic and function, as in `price-updates -> price-consumer`. */
  readonly name: string
  readonly #options: MappingOptions
  readonly #reader: TopicReader
  readonly #pollers = new Map<number, Poller>()
  readonly #runs: Promise<void>[] = []
  #stopped = false

  constructor(resource: MappingResource, options: MappingOptions) {
    const { kafka, target, events } = options
    this.resource = resource
    this.name = `${resource.topic} -> ${target.resource.name}`
    this.#options = options
    this.#reader = new TopicReader(kafka, resource, {
      messages: (partition, messages) => this.#receive(partition, messages),
      rewound: () => {
        for (const poller of this.#pollers.values()) poller.forget()
      },
      waiting: (reason) => events.waiting(this.name, reason),
      reading: () => events.reading(this.name),
    })
  }

  /** Begins to read; where Kafka or the topic is not there yet, it keeps trying. */
  start(): void {
    this.#reader.start()
  }

  /** Delivers no more and waits for the invocations under way; what they have done is committed. */
  async stop(): Promise<void> {
    this.#stopped = true
    for (const poller of this.#pollers.values()) poller.stop()
    await Promise.all(this.#runs)
    await this.#reader.stop()
  }

  #receive(partition: number, messages: readonly KafkaMessage[]): boolean {
    if (this.#stopped) return false
    const poller = this.#pollers.get(partition) ?? this.#startPoller(partition)
    poller.add(messages.map((message) => bufferRecord(this.resource.topic, partition, message)))
    return !poller.isFull
  }

  #startPoller(partition: number): Poller {
    const { bootstrapServers, target, events } = this.#options
    const { topic, batchSize, windowSeconds, reportBatchItemFailures } = this.resource
    const head = { eventSourceArn: LOCAL_CLUSTER_ARN, bootstrapServers }
    const poller = new Poller({
      batchSize,
      windowMs: windowSeconds === undefined ? DEFAULT_WINDOW_MS : windowSeconds * 1000,
      deliver: async (records) => {
        const batch = { topic, partition, records }
        return verdictOf(await target.invoke(payloadOf(batch, head)), batch, reportBatchItemFailures)
      },
      commit: (offset) => this.#reader.commit(partition, offset),
      onRoom: () => this.#reader.resume(partition),
      onRetry: (reason, pauseMs) => events.retrying(this.name, reason, pauseMs),
    })
    this.#pollers.set(partition, poller)
    this.#runs.push(poller.run())
    return poller
  }
}
