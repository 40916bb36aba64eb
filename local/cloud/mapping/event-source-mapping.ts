import type { Kafka } from 'kafkajs'
import { CLUSTER_ARN } from '../account.ts'
import { type Clock, systemClock } from '../clock.ts'
import type { Outcome } from '../lambda/execution-environment.ts'
import type { LocalFunction } from '../lambda/function.ts'
import { type Batch, type EventHead, MAX_PAYLOAD_BYTES, payloadOf, sliceBytes, slicesRoom } from './batch.ts'
import { BatchDelivery } from './batch-delivery.ts'
import { type DestinationWriter, openDestination } from './destination.ts'
import { NO_ERROR_CONTROLS } from './error-controls.ts'
import { compileFilter, type Filter } from './filter.ts'
import type { MappingResource } from './mapping-resource.ts'
import type { MappingMetric } from './metrics.ts'
import { OffsetCommits, type Offsets } from './offset-commits.ts'
import { OffsetLag } from './offset-lag.ts'
import type { PartitionRead } from './partition-fetcher.ts'
import { PartitionLane } from './partition-lane.ts'
import { Pollers } from './pollers.ts'
import { BufferedRecord } from './record.ts'
import { TopicReader } from './topic-reader.ts'

/** What a mapping tells its owner; `mapping` is its name for people. */
export interface MappingEvents {
  /** A batch failed and will be delivered again. */
  retrying(mapping: string, reason: string, pauseMs: number): void
  /** Kafka cannot be read for some time now; it is tried again. Said again while that lasts. */
  waiting(mapping: string, reason: string): void
  /** Kafka is read again, after `waiting` or `unreadable`. */
  reading(mapping: string): void
  /** The mapping is a member of its group, with the partitions that are its share. */
  joined?(mapping: string): void
  /** A partition is stopped by records that cannot be read, and why; reported at once, and again. */
  unreadable?(mapping: string, reason: string): void
  /** A partition, or the topic, is read from its oldest record, and why. */
  restarted?(mapping: string, reason: string): void
  /** Its group leaves partitions to nobody, or all of them to others, and why; said again each minute. */
  unassigned?(mapping: string, reason: string): void
  /** One of AWS's metrics of a mapping has a new value, or one to be added up. */
  measured?(mapping: MappingResource, metric: MappingMetric, value: number): void
}

/** Where a mapping's records go, and where they come from. */
export interface MappingOptions {
  readonly kafka: Kafka
  readonly bootstrapServers: string
  readonly target: LocalFunction
  readonly events: MappingEvents
  /** Takes what on-failure destinations other than Kafka would. */
  readonly destinationDirectory: string
  readonly clock?: Clock
}

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html: the default window. */
const DEFAULT_WINDOW_MS = 500

/**
 * An event source mapping for a Kafka topic on this machine. One consumer reads the topic in the mapping's group;
 * pollers make batches of what it reads, and deliveries see each batch through. Offsets are committed only after the
 * function has done with all records before them, or they were dropped.
 */
export class EventSourceMapping {
  readonly resource: MappingResource
  /** Topic and function, as in `price-updates -> price-consumer`. */
  readonly name: string
  readonly #options: MappingOptions & { readonly clock: Clock }
  readonly #head: EventHead
  readonly #keeps: Filter | undefined
  readonly #reader: TopicReader
  readonly #lag: OffsetLag
  readonly #commits = new OffsetCommits((offsets) => this.#commit(offsets))
  readonly #destination: DestinationWriter | undefined
  readonly #delivery: BatchDelivery
  readonly #lanes = new Map<number, PartitionLane>()
  readonly #unreadable = new Set<number>()
  readonly #pollers: Pollers
  #stopped = false

  constructor(resource: MappingResource, options: MappingOptions) {
    const { kafka, target, events, bootstrapServers, destinationDirectory, clock = systemClock } = options
    const { topic, reportBatchItemFailures, errorControls: controls = NO_ERROR_CONTROLS } = resource
    this.resource = resource
    this.name = `${topic} -> ${target.resource.name}`
    this.#options = { ...options, clock }
    this.#head = { eventSourceArn: resource.isSelfManaged ? undefined : CLUSTER_ARN, bootstrapServers }
    this.#keeps = compileFilter(resource.filters ?? [])
    this.#lag = new OffsetLag(this.#measured)
    this.#reader = new TopicReader(kafka, bootstrapServers, resource, {
      read: (read) => this.#receive(read),
      rewound: () => this.#forget(),
      joined: () => events.joined?.(this.name),
      waiting: (reason) => events.waiting(this.name, reason),
      reading: () => events.reading(this.name),
      unreadable: (reason) => events.unreadable?.(this.name, reason),
      restarted: (reason) => events.restarted?.(this.name, reason),
      unassigned: (reason) => events.unassigned?.(this.name, reason),
    })
    const { batchSize, windowSeconds, pollers: limits } = resource
    this.#pollers = new Pollers({
      ...{ limits, batchSize, clock },
      windowMs: windowSeconds === undefined ? DEFAULT_WINDOW_MS : windowSeconds * 1000,
      roomBytes: slicesRoom(this.#head),
      sliceBytes: (partition) => sliceBytes(topic, partition),
      deliver: (parts) => this.#delivery.deliver(parts),
      lag: () => this.#lag.total,
    })
    this.#destination =
      controls.onFailure &&
      openDestination(controls.onFailure, this.#head, { kafka, directory: destinationDirectory })
    const room = slicesRoom(this.#head)
    this.#delivery = new BatchDelivery({
      ...{ topic, controls, reportBatchItemFailures, clock },
      functionName: target.resource.name,
      invoke: (batch, requestId) => this.#invoke(batch, requestId),
      isTooLarge: ({ partition, records }) => (records[0]?.bytes ?? 0) + sliceBytes(topic, partition) > room,
      destination: this.#destination,
      onRetry: (reason, pauseMs) => events.retrying(this.name, reason, pauseMs),
      measured: this.#measured,
    })
  }

  /** How many pollers there are now. */
  get pollers(): number {
    return this.#pollers.count
  }

  /** Partitions that are stopped by records that cannot be read. */
  get unreadable(): readonly number[] {
    return [...this.#unreadable]
  }

  /** Begins to read; where Kafka or the topic is not there yet, it keeps trying. */
  start(): void {
    this.#reader.start()
    if (!this.#stopped) this.#pollers.start()
  }

  /** Delivers no more and waits for the invocations under way; what they have done is committed. */
  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all([this.#pollers.stop(), this.#delivery.stop()])
    await this.#delivery.stop()
    await this.#commits.settled()
    await Promise.all([this.#reader.stop(), this.#destination?.close()])
  }

  readonly #measured = (metric: MappingMetric, value: number): void =>
    this.#options.events.measured?.(this.resource, metric, value)

  #receive({ partition, records, from, next, end, unreadable }: PartitionRead): boolean {
    if (this.#stopped) return false
    this.#lag.read(partition, BigInt(from), BigInt(end))
    if (unreadable === undefined) this.#unreadable.delete(partition)
    else this.#unreadable.add(partition)
    // Markers of transactions move the partition on without a record; before an unreadable one it is committed too.
    if (next === from && unreadable === undefined) return true
    const lane = this.#lanes.get(partition) ?? this.#newLane(partition)
    const { topic } = this.resource
    const keeps = this.#keeps
    const kept = keeps ? records.filter((record) => keeps({ topic, partition, record })) : records
    if (records.length > 0) this.#measured('PolledEventCount', records.length)
    if (kept.length < records.length) {
      this.#measured('FilteredOutEventCount', records.length - kept.length)
    }
    lane.add(
      kept.map((record) => new BufferedRecord(topic, partition, record)),
      BigInt(next),
    )
    this.#pollers.wake()
    return !lane.isFull
  }

  /** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: invocation payload */
  async #invoke(batch: Batch, requestId: string): Promise<Outcome> {
    const payload = payloadOf(batch, this.#head)
    if (payload.length <= MAX_PAYLOAD_BYTES) return this.#options.target.invoke(payload, requestId)
    const errorMessage = `Request must be smaller than ${MAX_PAYLOAD_BYTES} bytes for the InvokeFunction operation`
    return { ok: false, error: { errorType: 'RequestTooLargeException', errorMessage, trace: [] } }
  }

  async #commit(offsets: Offsets): Promise<boolean> {
    if (!(await this.#reader.commit(offsets))) return false
    for (const [partition, offset] of offsets) this.#lag.committed(partition, offset)
    return true
  }

  #newLane(partition: number): PartitionLane {
    const lane = new PartitionLane({
      partition,
      readAheadBytes: 2 * slicesRoom(this.#head),
      commit: (offset) => this.#commits.add(partition, offset),
      onRoom: () => this.#reader.resume(partition),
      onFree: () => this.#pollers.wake(),
    })
    this.#lanes.set(partition, lane)
    this.#pollers.own(lane)
    return lane
  }

  #forget(): void {
    for (const lane of this.#lanes.values()) lane.forget()
    this.#unreadable.clear()
    this.#commits.forget()
    this.#lag.forget()
    this.#delivery.wake()
    this.#pollers.wake()
  }
}
