import type { Pool } from 'pg'
import { KeeperError } from '../errors.ts'
import {
  type MskEvent,
  type MskRecord,
  type PartitionRecords,
  recordsByPartition,
} from '../kafka/msk-event.ts'
import { errorFields, type Logger } from '../logger.ts'
import { METRICS } from '../metrics.ts'
import { failureCauseOf, needsNewConnection } from '../postgres/sql-errors.ts'
import { storeBatch } from './store-batch.ts'
import type { AcceptedRecord, Counts, TopicConsumer } from './topic-consumer.ts'

/** What an invocation of a consumer needs. */
export interface ConsumeDependencies {
  readonly pool: Pool
  readonly log: Logger
  readonly emitMetrics: (values: Counts) => void
  /** Milliseconds since 1970 by which the function returns. */
  readonly deadlineMs: number
  /** On failure: return the failed partitions, or throw if the mapping does not support partial responses. */
  readonly onFailure: 'report-partitions' | 'throw'
}

/**
 * The response of a function whose event source mapping has ReportBatchItemFailures: each listed partition resumes at
 * its offset, the others are committed. An empty list means success.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-kafka-batch-item-failures.html
 */
export interface BatchResponse {
  readonly batchItemFailures: readonly {
    readonly itemIdentifier: { readonly partition: string; readonly offset: number }
  }[]
}

/**
 * Stores or quarantines every record of an event in one transaction. Only an infrastructure failure makes it fail. If
 * partitions can be reported one by one and the connection still works, each partition is then retried on its own, so
 * that one does not block the others.
 * @throws KeeperError `not_an_msk_event`; with `onFailure: 'throw'`, also the infrastructure's error
 */
export async function consume<Accepted extends AcceptedRecord>(
  event: MskEvent,
  consumer: TopicConsumer<Accepted>,
  dependencies: ConsumeDependencies,
): Promise<BatchResponse> {
  if (typeof event?.records !== 'object' || event.records === null) {
    throw new KeeperError(
      'not_an_msk_event',
      'The event has no records: this function must be invoked by an event source mapping for Amazon MSK.',
    )
  }
  const partitions = recordsByPartition(event)
  try {
    await storePartitions(partitions, consumer, dependencies)
    return { batchItemFailures: [] }
  } catch (error) {
    if (dependencies.onFailure === 'throw') throw error
    if (partitions.length === 1 || needsNewConnection(error)) return failed(partitions, error, dependencies)
  }
  const failures: BatchResponse['batchItemFailures'][number][] = []
  for (const partition of partitions) {
    try {
      await storePartitions([partition], consumer, dependencies)
    } catch (error) {
      failures.push(...failed([partition], error, dependencies).batchItemFailures)
    }
  }
  return { batchItemFailures: failures }
}

async function storePartitions<Accepted extends AcceptedRecord>(
  partitions: readonly PartitionRecords[],
  consumer: TopicConsumer<Accepted>,
  { pool, deadlineMs, emitMetrics, log }: ConsumeDependencies,
): Promise<void> {
  const records = partitions.flatMap((partition) => partition.records)
  const { counts, gaps } = await storeBatch(pool, deadlineMs, consumer, records)
  for (const gap of gaps) log.error('records were deleted before they were read', { ...gap })
  const always = [METRICS.recordsRejected, METRICS.tombstones, ...consumer.metrics]
  emitMetrics({
    [METRICS.recordsReceived]: records.length,
    [METRICS.recordAge]: secondsSinceOldest(records),
    [METRICS.recordsMissed]: gaps.reduce((total, { first, last }) => total + last - first + 1, 0),
    ...Object.fromEntries(always.map((metric) => [metric, 0])),
    ...counts,
  })
}

/** By Kafka's timestamps, whose clock may differ slightly from ours; a record without one counts as new. */
function secondsSinceOldest(records: readonly MskRecord[]): number {
  const nowMs = Date.now()
  const oldestMs = records.reduce(
    (oldest, { timestamp = -1 }) => (timestamp < 0 ? oldest : Math.min(oldest, timestamp)),
    nowMs,
  )
  return (nowMs - oldestMs) / 1000
}

/** Nothing from these partitions was stored: each is redelivered from its first record. */
function failed(
  partitions: readonly PartitionRecords[],
  error: unknown,
  { log }: ConsumeDependencies,
): BatchResponse {
  const failures = partitions.flatMap(({ id, records }) =>
    records[0] ? [{ itemIdentifier: { partition: id, offset: records[0].offset } }] : [],
  )
  log.error('partitions failed and will be delivered again', {
    cause: failureCauseOf(error),
    partitions: failures.map(({ itemIdentifier }) => itemIdentifier),
    ...errorFields(error),
  })
  return { batchItemFailures: failures }
}
