import { setTimeout as sleep } from 'node:timers/promises'
import type { Consumer, Kafka } from 'kafkajs'
import { messageOf } from '../cloud-error.ts'

/** What a member tells its owner. */
export interface MemberEvents {
  /** Before each attempt to join; one that fails is repeated. */
  joining(): Promise<void>
  /** These partitions are this member's from now on, and no others. */
  assigned(partitions: readonly number[]): void
  /** It is not in the group any more, and will join again. */
  left(): Promise<void>
  /** Why it is not in the group; told again with each attempt. */
  failed(reason: string): void
  /** The group's coordinator answers. */
  well(): void
}

/**
 * A member that is silent, as when its run was killed, keeps its place in the group for this long, and the next one
 * waits for it. Kafka takes no less.
 */
const SESSION_MS = 6_000
const HEARTBEAT_MS = 1_500

/** How long the group's other members may take to rejoin. */
const REBALANCE_MS = 10_000

/** How often it is asked whether the topic has more partitions than before. */
const METADATA_MS = 3_000

/** Between a consumer that failed and the next. */
const RECONNECT_MS = 1_000

/**
 * A member of a consumer group that reads nothing, with a new consumer of kafkajs after each failure that kafkajs does
 * not mend. Records are read elsewhere (docs/decisions/reading-kafka-locally.md).
 */
export class GroupMember {
  readonly #kafka: Kafka
  readonly #topic: string
  readonly #groupId: string
  readonly #events: MemberEvents
  #consumer: Consumer | undefined

  constructor(kafka: Kafka, topic: string, groupId: string, events: MemberEvents) {
    this.#kafka = kafka
    this.#topic = topic
    this.#groupId = groupId
    this.#events = events
  }

  /** Is a member, or tries to be one, until `signal`; then leaves the group. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const consumer = this.#newConsumer()
      try {
        await this.#join(consumer, signal)
      } catch (error) {
        this.#events.failed(messageOf(error))
      }
      this.#consumer = undefined
      const left = this.#events.left()
      await consumer.disconnect().catch(() => undefined)
      await left
      await sleep(RECONNECT_MS, undefined, { signal }).catch(() => undefined)
    }
  }

  /** Answers false where it is not in the group; throws what the coordinator refuses it with. */
  async commit(offsets: ReadonlyMap<number, bigint>, metadata: string): Promise<boolean> {
    if (!this.#consumer) return false
    const topic = this.#topic
    await this.#consumer.commitOffsets(
      [...offsets].map(([partition, offset]) => ({ topic, partition, offset: String(offset), metadata })),
    )
    return true
  }

  #newConsumer(): Consumer {
    return this.#kafka.consumer({
      groupId: this.#groupId,
      allowAutoTopicCreation: false,
      sessionTimeout: SESSION_MS,
      heartbeatInterval: HEARTBEAT_MS,
      rebalanceTimeout: REBALANCE_MS,
      metadataMaxAge: METADATA_MS,
      // It fetches nothing, and only looks this often whether it is to stop.
      maxWaitTimeInMs: 250,
      retry: { retries: 5, restartOnFailure: async () => false },
    })
  }

  /** Throws what ended the membership before `signal`. */
  async #join(consumer: Consumer, signal: AbortSignal): Promise<void> {
    const topic = this.#topic
    const crashed = new Promise<never>((_, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error))
    })
    // It may come before it is waited for.
    crashed.catch(() => undefined)
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      // Before its first fetch.
      consumer.pause([{ topic }])
      this.#consumer = consumer
      this.#events.well()
      this.#events.assigned(payload.memberAssignment[topic] ?? [])
    })
    consumer.on(consumer.events.HEARTBEAT, () => this.#events.well())
    await consumer.connect()
    if (signal.aborted) return
    await this.#events.joining()
    await consumer.subscribe({ topic, fromBeginning: true })
    if (signal.aborted) return
    await consumer.run({ autoCommit: false, eachBatch: async () => undefined })
    await Promise.race([crashed, aborted(signal)])
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
