import type { MskEvent, PartitionRecords } from '../kafka/msk-event.ts'
import { needsNewConnection } from '../postgres/sql-errors.ts'
import {
  type BatchResponse,
  type ConsumeDependencies,
  logGaps,
  metricsOf,
  partitionsOf,
  reportFailed,
  wholePartition,
} from './invocation.ts'
import { storeBatch } from './store-batch.ts'
import type { AcceptedRecord, TopicConsumer } from './topic-consumer.ts'

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
  const partitions = partitionsOf(event)
  try {
    await storePartitions(partitions, consumer, dependencies)
    return { batchItemFailures: [] }
  } catch (error) {
    if (dependencies.onFailure === 'throw') throw error
    if (partitions.length === 1 || needsNewConnection(error))
      return reportFailed(partitions.map(wholePartition), error, dependencies)
  }
  const failures: BatchResponse['batchItemFailures'][number][] = []
  for (const partition of partitions) {
    try {
      await storePartitions([partition], consumer, dependencies)
    } catch (error) {
      failures.push(...reportFailed([wholePartition(partition)], error, dependencies).batchItemFailures)
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
  logGaps(gaps, log)
  emitMetrics(metricsOf(consumer, records, counts, gaps))
}
