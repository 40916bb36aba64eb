import { setTimeout as sleep } from 'node:timers/promises'
import type { Admin, Kafka, TopicPartitionOffset } from 'kafkajs'
import { messageOf } from '../cloud-error.ts'
import { errorName, KAFKA_ERRORS } from '../kafka/fetch-protocol.ts'
import { TopicConnections } from '../kafka/topic-connections.ts'
import { LastingFailure } from '../lasting-failure.ts'
import { metadataOf } from './committed-topic.ts'
import { GroupMember } from './group-member.ts'
import { watchGroup } from './group-watch.ts'
import type { MappingResource } from './mapping-resource.ts'
import type { Offsets } from './offset-commits.ts'
import { PartitionFetcher, type PartitionRead } from './partition-fetcher.ts'
import { fromTheOldest, oldestOffset, type Positions, readPositions } from './positions.ts'
import { startingOffsets } from './starting-offsets.ts'

/** What a reader tells its owner. */
export interface ReaderEvents {
  /** What was read of one partition. Answers whether that partition is to be read on. */
  read(read: PartitionRead): boolean
  /** Reading restarts at what is committed: all records that were not will come again. */
  rewound(): void
  /** This is a member of the group. */
  joined(): void
  /** Kafka cannot be read for some time now; it is tried again. Said again each minute. */
  waiting(reason: string): void
  /** Kafka is read again, after `waiting`. */
  reading(): void
  /** One partition is stopped by records that cannot be read; reported at once, and again each minute. */
  unreadable(reason: string): void
  /** A partition, or all of the topic, is read from its oldest record, and why. */
  restarted(reason: string): void
  /** Partitions that the group leaves to no reader, or all of them to others, and why; said again each minute. */
  unassigned(reason: string): void
}

/** Before a topic that has moved is asked for again. */
const MOVED_MS = 200

/** Trouble that is over sooner is not worth a word: a broker that starts still loads its groups. */
const QUIET_MS = 3_000

/** A consumer that is still joining the group when it is to stop is not waited for any longer than this. */
const STOP_MS = 3_000

/** Reads one topic as a member of a consumer group. */
export class TopicReader {
  readonly #resource: MappingResource
  readonly #events: ReaderEvents
  readonly #connections: TopicConnections
  readonly #admin: Admin
  readonly #member: GroupMember
  readonly #failure: LastingFailure
  readonly #unreadable: LastingFailure
  readonly #unassigned: LastingFailure
  readonly #stopping = new AbortController()
  /** Of the partitions that this member has now. */
  #assignment = new AbortController()
  #fetcher: PartitionFetcher | undefined
  #fetching: Promise<void> = Promise.resolve()
  #watching: Promise<void> = Promise.resolve()
  #topicId: string | undefined
  /** Where partitions without a committed offset begin; undefined until it is known. */
  #starts: readonly TopicPartitionOffset[] | undefined
  #reading: Promise<void> | undefined

  constructor(kafka: Kafka, bootstrapServers: string, resource: MappingResource, events: ReaderEvents) {
    this.#resource = resource
    this.#events = events
    this.#connections = new TopicConnections(bootstrapServers)
    this.#admin = kafka.admin({ retry: { initialRetryTime: 100, retries: 3 } })
    this.#failure = new LastingFailure(QUIET_MS, events.waiting, events.reading)
    this.#member = new GroupMember(kafka, resource.topic, resource.consumerGroupId, {
      joining: async () => {
        this.#starts ??= await startingOffsets(kafka, resource)
      },
      assigned: (partitions) => {
        events.joined()
        this.#assigned(partitions)
      },
      left: () => this.#left(),
      failed: (reason) => this.#failure.report(reason, 'group'),
      well: () => this.#failure.over('group'),
    })
    this.#unreadable = new LastingFailure(0, events.unreadable, events.reading)
    this.#unassigned = new LastingFailure(0, events.unassigned, events.reading)
  }

  /** Begins to read; where Kafka or the topic is not there yet, it keeps trying. */
  start(): void {
    this.#reading ??= this.#member.run(this.#stopping.signal)
  }

  /** Leaves the group. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#endAssignment()
    // Ends the request that may still wait for records.
    this.#connections.close()
    const over = Promise.all([this.#reading, this.#watching])
    await Promise.race([over, sleep(STOP_MS, undefined, { ref: false })])
    this.#connections.close()
    await this.#admin.disconnect().catch(() => undefined)
  }

  /** Reads a partition on for which `read` answered false. */
  resume(partition: number): void {
    this.#fetcher?.resume(partition)
  }

  /** Answers whether the offsets are committed. A commit that fails loses nothing: the records before come once more. */
  async commit(offsets: Offsets): Promise<boolean> {
    if (this.#topicId === undefined) return false
    try {
      const isCommitted = await this.#member.commit(offsets, metadataOf(this.#topicId))
      this.#failure.over('commit')
      return isCommitted
    } catch (error) {
      this.#failure.report(`offsets are not committed: ${messageOf(error)}`, 'commit')
      return false
    }
  }

  #endAssignment(): void {
    this.#assignment.abort()
    this.#fetcher?.stop()
  }

  async #left(): Promise<void> {
    this.#endAssignment()
    this.#events.rewound()
    await this.#fetching
  }

  /** kafkajs rejoins after each change of the group: reading starts at what is committed. */
  #assigned(partitions: readonly number[]): void {
    this.#failure.over('commit')
    this.#endAssignment()
    this.#events.rewound()
    if (this.#stopping.signal.aborted) return
    const before = this.#fetching
    const assignment = new AbortController()
    this.#assignment = assignment
    this.#fetching = before.then(() => this.#fetch(partitions, assignment.signal))
    const { topic, consumerGroupId: groupId } = this.#resource
    const membership = { topic, groupId, partitions }
    this.#watching = watchGroup(this.#admin, membership, this.#unassigned, assignment.signal)
  }

  async #fetch(partitions: readonly number[], signal: AbortSignal): Promise<void> {
    const { topic } = this.#resource
    let positions: Positions | undefined
    if (partitions.length === 0) this.#failure.over('fetch')
    while (partitions.length > 0 && !signal.aborted) {
      try {
        const description = await this.#connections.describe(topic)
        if (description.error !== KAFKA_ERRORS.none) {
          throw new Error(`Kafka answers ${errorName(description.error)} for ${topic}`)
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
              `partition ${partition} is stopped at offset ${offset}, which cannot be read: ${reason}`,
              String(partition),
            ),
          outOfRange: (partition, offset) => this.#oldest(partition, offset),
        })
        await this.#fetcher.run(description, () => this.#failure.over('fetch'))
      } catch (error) {
        if (!signal.aborted) this.#failure.report(messageOf(error), 'fetch')
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

  async #positions(partitions: readonly number[], topicId: string): Promise<Positions> {
    const { topic, consumerGroupId: groupId } = this.#resource
    const starts = this.#starts ?? []
    const { positions, isRecreated } = await readPositions(this.#admin, {
      ...{ topic, groupId, partitions, topicId, starts },
    })
    if (isRecreated) this.#events.restarted(RECREATED)
    // Committed once, so that the group starts there however often it is rebalanced.
    const first = starts.filter(({ partition }) => partitions.includes(partition))
    if (first.length > 0) {
      await this.commit(new Map(first.map(({ partition, offset }) => [partition, BigInt(offset)])))
    }
    this.#starts = []
    return positions
  }

  /** Kafka no longer has the record at `offset`, or never had it: a partition without a known position starts at 0. */
  async #oldest(partition: number, offset: number): Promise<number> {
    const oldest = await oldestOffset(this.#admin, this.#resource.topic, partition)
    if (offset > 0) {
      this.#events.restarted(`partition ${partition} has no offset ${offset}, its oldest record is ${oldest}`)
    }
    return oldest
  }
}

const RECREATED = 'the topic was deleted and recreated: reading restarts at its oldest record'
