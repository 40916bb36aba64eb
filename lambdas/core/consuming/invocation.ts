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
import { failureCauseOf } from '../postgres/sql-errors.ts'
import type { OffsetGap } from './consumed-offsets.ts'
import type { AcceptedRecord, Counts, TopicReader } from './topic-consumer.ts'

/** What every invocation of a consumer gets, answers and reports, wherever it stores its records. */

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
 * An event's records by partition.
 * @throws KeeperError `not_an_msk_event`
 */
export function partitionsOf(event: MskEvent): readonly PartitionRecords[] {
  if (typeof event?.records === 'object' && event.records !== null) {
    return recordsByPartition(event).filter(({ records }) => records.length > 0)
  }
  throw new KeeperError(
    'not_an_msk_event',
    'The event has no records: this function must be invoked by an event source mapping for Amazon MSK.',
  )
}

/** A partition, and the offset from which it is to be delivered again. */
export interface FailedPartition {
  readonly id: string
  readonly offset: number
}

/** Nothing from the partition was stored: it is redelivered from its first record. */
export const wholePartition = ({ id, records }: PartitionRecords): FailedPartition => ({
  id,
  offset: records[0]?.offset ?? 0,
})

/** Logs why partitions failed, and gives the response by which they are delivered again. */
export function reportFailed(
  failed: readonly FailedPartition[],
  error: unknown,
  { log }: Pick<ConsumeDependencies, 'log'>,
): BatchResponse {
  const failures = failed.map(({ id, offset }) => ({ itemIdentifier: { partition: id, offset } }))
  log.error('partitions failed and will be delivered again', {
    cause: failureCauseOf(error),
    partitions: failures.map(({ itemIdentifier }) => itemIdentifier),
    ...errorFields(error),
  })
  return { batchItemFailures: failures }
}

export function logGaps(gaps: readonly OffsetGap[], log: Logger): void {
  for (const gap of gaps) log.error('records were deleted before they were read', { ...gap })
}

/** The metrics of records that were stored or quarantined. */
export function metricsOf<Accepted extends AcceptedRecord>(
  { metrics }: TopicReader<Accepted>,
  records: readonly MskRecord[],
  counts: Counts,
  gaps: readonly OffsetGap[],
): Counts {
  const always = [METRICS.recordsRejected, METRICS.tombstones, ...metrics]
  return {
    [METRICS.recordsReceived]: records.length,
    [METRICS.recordAge]: secondsSinceOldest(records),
    [METRICS.recordsMissed]: gaps.reduce((total, { first, last }) => total + last - first + 1, 0),
    ...Object.fromEntries(always.map((metric) => [metric, 0])),
    ...counts,
  }
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
