import { type Clock, systemClock, Waits } from '../clock.ts'
import {
  errorName,
  type FetchedPartition,
  fetchRecords,
  KAFKA_ERRORS,
  type TopicDescription,
} from '../kafka/fetch-protocol.ts'
import { type ReadRecords, readBatches } from '../kafka/record-batches.ts'
import type { TopicConnections } from '../kafka/topic-connections.ts'
import { pauseBefore } from './retries.ts'

/** What of a partition was read, from where, and behind which record there is none yet. */
export interface PartitionRead extends ReadRecords {
  readonly partition: number
  readonly from: number
  readonly end: number
}

/** What a fetcher tells its owner. */
export interface FetcherEvents {
  /** Answers whether the partition is to be read on; where it is not, until `resume`. */
  read(read: PartitionRead): boolean
  /** The records at `offset` cannot be read; it is tried again after a pause. */
  unreadable(partition: number, offset: number, reason: string): void
  /** Kafka has not, or no more, what is at `offset`; answers where the partition is to be read instead. */
  outOfRange(partition: number, offset: number): Promise<number>
}

const LIMITS = { waitMs: 100, bytes: 10 * 1024 * 1024, partitionBytes: 2 * 1024 * 1024 }

/** After so many answers without records a topic is idle, and Kafka may wait longer for the next record. */
const IDLE_ANSWERS = 10
const IDLE_WAIT_MS = 1_000

/** Answers that are of the records at an offset; after any other the topic is described again, as it may have moved. */
const OF_RECORDS: readonly number[] = [KAFKA_ERRORS.unknownServerError, KAFKA_ERRORS.corruptMessage]

/** The topic is not where its description says. */
export class TopicMoved extends Error {}

interface Reading {
  readonly partition: number
  offset: number
  paused: boolean
  failures: number
  /** Not read before, in milliseconds of the clock. */
  notBeforeMs: number
}

/** Reads partitions of one topic, each from its position on, with one request at a time to each broker. */
export class PartitionFetcher {
  readonly #connections: TopicConnections
  readonly #events: FetcherEvents
  readonly #clock: Clock
  readonly #waits: Waits
  readonly #partitions: ReadonlyMap<number, Reading>
  #stopped = false

  constructor(
    connections: TopicConnections,
    positions: ReadonlyMap<number, number>,
    events: FetcherEvents,
    clock = systemClock,
  ) {
    this.#connections = connections
    this.#events = events
    this.#clock = clock
    this.#waits = new Waits(clock)
    this.#partitions = new Map(
      [...positions].map(([partition, offset]) => [
        partition,
        { partition, offset, paused: false, failures: 0, notBeforeMs: 0 },
      ]),
    )
  }

  /** Where each partition resumes. */
  get positions(): ReadonlyMap<number, number> {
    return new Map([...this.#partitions.values()].map(({ partition, offset }) => [partition, offset]))
  }

  resume(partition: number): void {
    const reading = this.#partitions.get(partition)
    if (reading) reading.paused = false
    this.#waits.wake()
  }

  stop(): void {
    this.#stopped = true
    this.#waits.wake()
  }

  /**
   * Reads until it is stopped; `progress` is called after each answer.
   * @throws TopicMoved, or what a broker's connection failed with
   */
  async run({ id, leaders, brokers }: TopicDescription, progress: () => void): Promise<void> {
    const byLeader = Map.groupBy(this.#partitions.values(), ({ partition }) => leaders.get(partition) ?? -1)
    let failed = false
    const loops = [...byLeader].map(async ([leader, readings]) => {
      const address = brokers.get(leader)
      let without = 0
      if (!address) throw new TopicMoved(`partition ${readings[0]?.partition} has no leader`)
      while (!this.#stopped && !failed) {
        const due = readings.filter(
          ({ paused, notBeforeMs }) => !paused && notBeforeMs <= this.#clock.nowMs(),
        )
        if (due.length === 0) {
          await this.#waits.next(untilNext(readings, this.#clock.nowMs()))
          continue
        }
        // A partition that is left out of a request waits for its end: that one must be short.
        const isIdle = without >= IDLE_ANSWERS && due.length === readings.length
        const { error, partitions } = await fetchRecords(await this.#connections.to(address), id, due, {
          ...LIMITS,
          waitMs: isIdle ? IDLE_WAIT_MS : LIMITS.waitMs,
        })
        if (this.#stopped) return
        if (error !== KAFKA_ERRORS.none) throw new TopicMoved(`Kafka answers ${errorName(error)}`)
        without = partitions.some(({ batches }) => batches.length > 0) ? 0 : without + 1
        for (const fetched of partitions) await this.#take(fetched)
        progress()
      }
    })
    try {
      await Promise.all(loops)
    } finally {
      failed = true
      this.#waits.wake()
      await Promise.allSettled(loops)
    }
  }

  async #take(fetched: FetchedPartition): Promise<void> {
    const { partition, error, end, aborted, batches } = fetched
    const reading = this.#partitions.get(partition)
    if (!reading || this.#stopped) return
    if (error === KAFKA_ERRORS.offsetNotAvailable) return
    if (error === KAFKA_ERRORS.offsetOutOfRange) {
      reading.offset = await this.#events.outOfRange(partition, reading.offset)
      return
    }
    if (OF_RECORDS.includes(error)) return this.#unreadable(reading, `Kafka answers ${errorName(error)}`)
    if (error !== KAFKA_ERRORS.none) {
      throw new TopicMoved(`Kafka answers ${errorName(error)} for partition ${partition}`)
    }
    const from = reading.offset
    const read = readBatches(batches, from, aborted)
    reading.offset = read.next
    reading.paused = !this.#events.read({ ...read, partition, from, end })
    if (read.unreadable === undefined) reading.failures = 0
    else this.#unreadable(reading, read.unreadable)
  }

  #unreadable(reading: Reading, reason: string): void {
    reading.failures += 1
    reading.notBeforeMs = this.#clock.nowMs() + pauseBefore(reading.failures)
    this.#events.unreadable(reading.partition, reading.offset, reason)
  }
}

/** How long none of them is to be read; undefined where only news ends that. */
function untilNext(readings: readonly Reading[], nowMs: number): number | undefined {
  const times = readings.filter(({ paused }) => !paused).map(({ notBeforeMs }) => notBeforeMs - nowMs)
  return times.length > 0 ? Math.max(Math.min(...times), 0) : undefined
}
