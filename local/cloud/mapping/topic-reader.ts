import { setTimeout as sleep } from 'node:timers/promises'
import type { Admin, Consumer, Kafka, TopicPartitionOffset } from 'kafkajs'
import { messageOf } from '../cloud-error.ts'
import { KAFKA_ERRORS } from '../kafka/fetch-protocol.ts'
import { TopicConnections } from '../kafka/topic-connections.ts'
import { LastingTrouble } from '../lasting-trouble.ts'
import { idOf, metadataOf } from './committed-topic.ts'
import type { MappingResource } from './mapping-resource.ts'
import type { Offsets } from './offset-commits.ts'
import { PartitionFetcher, type PartitionRead } from './partition-fetcher.ts'
import { startingOffsets } from './starting-offsets.ts'

/** What a reader tells its owner. */
export interface ReaderEvents {
  /** What was read of one partition. Answers whether that partition is to be read on. */
  read(read: PartitionRead): boolean
  /** Reading begins anew at what is committed: all records that were not will come again. */
  rewound(): void
  /** This is a member of the group. */
  joined(): void
  /** Kafka cannot be read for some time now; it is tried again. Said again each minute. */
  waiting(reason: string): void
  /** Kafka is read again, after `waiting`. */
  reading(): void
  /** One partition stands still before records that cannot be read; said at once, and again each minute. */
  unreadable(reason: string): void
  /** A partition, or all of the topic, is read from its oldest record, and why. */
  restarted(reason: string): void
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

/** Before a topic that has moved is asked for again. */
const MOVED_MS = 200

/** Trouble that is over sooner is not worth a word: a broker that starts still loads its groups. */
const QUIET_MS = 3_000

/** A consumer that is still on its way into the group when it is to stop is not waited for any longer than this. */
const STOP_MS = 3_000

/**
 * Reads one topic as a member of a consumer group, with a new consumer after each failure that kafkajs does not mend.
 * kafkajs has the membership and the commits alone; records are read by us (docs/decisions/reading-kafka-locally.md).
 */
export class TopicReader {
  readonly #kafka: Kafka
  readonly #resource: MappingResource
  readonly #events: ReaderEvents
  readonly #connections: TopicConnections
  readonly #admin: Admin
  readonly #trouble: LastingTrouble
  readonly #unreadable: LastingTrouble
  readonly #stopping = new AbortController()
  /** Of the partitions that this member has now. */
  #assignment = new AbortController()
  #fetcher: PartitionFetcher | undefined
  #fetching: Promise<void> = Promise.resolve()
  #topicId: string | undefined
  /** Where partitions without a committed offset begin; undefined until it is known. */
  #starts: readonly TopicPartitionOffset[] | undefined
  #consumer: Consumer | undefined
  #reading: Promise<void> | undefined

  constructor(kafka: Kafka, bootstrapServers: string, resource: MappingResource, events: ReaderEvents) {
    this.#kafka = kafka
    this.#resource = resource
    this.#events = events
    this.#connections = new TopicConnections(bootstrapServers)
    this.#admin = kafka.admin({ retry: { initialRetryTime: 100, retries: 3 } })
    this.#trouble = new LastingTrouble(QUIET_MS, events.waiting, events.reading)
    this.#unreadable = new LastingTrouble(0, events.unreadable, events.reading)
  }

  /** Begins to read; where Kafka or the topic is not there yet, it keeps trying. */
  start(): void {
    this.#reading ??= this.#read()
  }

  /** Leaves the group. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#endAssignment()
    await Promise.race([this.#reading, sleep(STOP_MS, undefined, { ref: false })])
    this.#connections.close()
    await this.#admin.disconnect().catch(() => undefined)
  }

  /** Reads a partition on for which `read` answered false. */
  resume(partition: number): void {
    this.#fetcher?.resume(partition)
  }

  /** Answers whether the group goes on there. A commit that fails is no loss: the records before come once more. */
  async commit(offsets: Offsets): Promise<boolean> {
    const { topic } = this.#resource
    const consumer = this.#consumer
    if (!consumer || this.#topicId === undefined) return false
    const metadata = metadataOf(this.#topicId)
    try {
      await consumer.commitOffsets(
        [...offsets].map(([partition, offset]) => ({ topic, partition, offset: String(offset), metadata })),
      )
      this.#trouble.over('commit')
      return true
    } catch (error) {
      this.#trouble.report(`offsets are not committed: ${messageOf(error)}`, 'commit')
      return false
    }
  }

  async #read(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      const consumer = this.#newConsumer()
      try {
        await this.#join(consumer, signal)
      } catch (error) {
        this.#trouble.report(messageOf(error), 'group')
      }
      this.#consumer = undefined
      this.#endAssignment()
      this.#events.rewound()
      await consumer.disconnect().catch(() => undefined)
      await this.#fetching
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
      retry: { retries: 5, restartOnFailure: async () => false },
    })
  }

  /** Is a member until `signal`; throws what ended that before. */
  async #join(consumer: Consumer, signal: AbortSignal): Promise<void> {
    const { topic } = this.#resource
    const crashed = new Promise<never>((_, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error))
    })
    // It may come before it is waited for.
    crashed.catch(() => undefined)
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      // Before its first fetch: the consumer only keeps its place in the group.
      consumer.pause([{ topic }])
      this.#consumer = consumer
      this.#trouble.over('group')
      this.#trouble.over('commit')
      this.#events.joined()
      this.#assigned(payload.memberAssignment[topic] ?? [])
    })
    consumer.on(consumer.events.HEARTBEAT, () => this.#trouble.over('group'))
    await consumer.connect()
    if (signal.aborted) return
    this.#starts ??= await startingOffsets(this.#kafka, this.#resource)
    await consumer.subscribe({ topic, fromBeginning: true })
    if (signal.aborted) return
    await consumer.run({ autoCommit: false, eachBatch: async () => undefined })
    await Promise.race([crashed, aborted(signal)])
  }

  #endAssignment(): void {
    this.#assignment.abort()
    this.#fetcher?.stop()
  }

  /** kafkajs joins anew after each change of the group: reading begins at what is committed. */
  #assigned(partitions: readonly number[]): void {
    this.#endAssignment()
    this.#events.rewound()
    if (this.#stopping.signal.aborted) return
    const before = this.#fetching
    const assignment = new AbortController()
    this.#assignment = assignment
    this.#fetching = before.then(() => this.#fetch(partitions, assignment.signal))
  }

  async #fetch(partitions: readonly number[], signal: AbortSignal): Promise<void> {
    const { topic } = this.#resource
    let positions: ReadonlyMap<number, number> | undefined
    if (partitions.length === 0) this.#trouble.over('fetch')
    while (partitions.length > 0 && !signal.aborted) {
      try {
        const description = await this.#connections.describe(topic)
        if (description.error !== KAFKA_ERRORS.none) {
          throw new Error(`Kafka answers with error ${description.error} for ${topic}`)
        }
        if (positions && this.#topicId !== description.id) {
          positions = fromTheOldest(partitions)
          this.#events.rewound()
          this.#events.restarted(RECREATED)
        }
        this.#topicId = description.id
        positions ??= await this.#positions(partitions, description.id)
        if (signal.aborted) return
        this.#fetcher = new PartitionFetcher(this.#connections, positions, {
          read: (read) => this.#received(read, signal),
          unreadable: (partition, offset, reason) =>
            this.#unreadable.report(
              `partition ${partition} stands still at offset ${offset}, which cannot be read: ${reason}`,
              String(partition),
            ),
          outOfRange: (partition, offset) => this.#oldest(partition, offset),
        })
        await this.#fetcher.run(description, () => this.#trouble.over('fetch'))
      } catch (error) {
        if (!signal.aborted) this.#trouble.report(messageOf(error), 'fetch')
      }
      positions = this.#fetcher?.positions ?? positions
      this.#fetcher = undefined
      await sleep(MOVED_MS, undefined, { signal }).catch(() => undefined)
    }
  }

  #received(read: PartitionRead, signal: AbortSignal): boolean {
    if (read.unreadable === undefined) this.#unreadable.over(String(read.partition))
    return signal.aborted || this.#events.read(read)
  }

  /** What is committed, else where the mapping begins, else the oldest record. */
  async #positions(partitions: readonly number[], topicId: string): Promise<ReadonlyMap<number, number>> {
    const { topic, consumerGroupId: groupId } = this.#resource
    await this.#admin.connect()
    const [group] = await this.#admin.fetchOffsets({ groupId, topics: [topic] })
    const starts = new Map(this.#starts?.map(({ partition, offset }) => [partition, Number(offset)]))
    const positions = new Map<number, number>()
    let recreated = false
    for (const partition of partitions) {
      const committed = group?.partitions.find((one) => one.partition === partition)
      const isOfAnother = (idOf(committed?.metadata) ?? topicId) !== topicId
      recreated ||= isOfAnother
      const offset = isOfAnother ? -1 : Number(committed?.offset ?? -1)
      positions.set(partition, offset >= 0 ? offset : isOfAnother ? 0 : (starts.get(partition) ?? 0))
    }
    if (recreated) this.#events.restarted(RECREATED)
    // Committed, so that whatever makes the group begin anew begins there; only at the first start.
    const first = [...starts].filter(([partition]) => partitions.includes(partition))
    if (first.length > 0) await this.commit(new Map(first.map(([partition, at]) => [partition, BigInt(at)])))
    this.#starts = []
    return positions
  }

  /** Kafka no longer has the record at `offset`, or never had it: a partition that nothing is known of begins at 0. */
  async #oldest(partition: number, offset: number): Promise<number> {
    const { topic } = this.#resource
    await this.#admin.connect()
    const offsets = await this.#admin.fetchTopicOffsets(topic)
    const oldest = Number(offsets.find((one) => one.partition === partition)?.low ?? 0)
    if (offset > 0) {
      this.#events.restarted(`partition ${partition} has no offset ${offset}, its oldest record is ${oldest}`)
    }
    return oldest
  }
}

const RECREATED = 'the topic was deleted and made anew: it is read from its oldest record'

const fromTheOldest = (partitions: readonly number[]): ReadonlyMap<number, number> =>
  new Map(partitions.map((partition) => [partition, 0]))

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
