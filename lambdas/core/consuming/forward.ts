import type { MskEvent, MskRecord, PartitionRecords } from '../kafka/msk-event.ts'
import { METRICS } from '../metrics.ts'
import { allAnswered, withTransaction } from '../postgres/transaction.ts'
import { advanceOffsets, type OffsetGap } from './consumed-offsets.ts'
import {
  type BatchResponse,
  type ConsumeDependencies,
  logGaps,
  metricsOf,
  partitionsOf,
  reportFailed,
  wholePartition,
} from './invocation.ts'
import { insertRejectedRecords, type RejectedRecord } from './rejected-records.ts'
import { sortRecords } from './sort-records.ts'
import { type AcceptedRecord, sum } from './topic-consumer.ts'
import type { Forwarded, TopicForwarder } from './topic-forwarder.ts'

/** Reserved for the transaction that follows. */
const CONCLUDE_MS = 5_000

/**
 * Forwards every record of an event, then quarantines the refused ones and saves the group's position, in one transaction.
 * A partition with a record that is to be delivered again resumes at the first of these; whatever the others have is
 * concluded.
 * @throws KeeperError `not_an_msk_event`; with `onFailure: 'throw'`, also the infrastructure's error
 */
export async function forward<Accepted extends AcceptedRecord>(
  event: MskEvent,
  consumer: TopicForwarder<Accepted>,
  dependencies: ConsumeDependencies,
): Promise<BatchResponse> {
  const { deadlineMs, onFailure } = dependencies
  const partitions = partitionsOf(event)
  const records = partitions.flatMap((partition) => partition.records)
  const { accepted, rejected, ignored } = sortRecords(records, consumer, Date.now())
  const forwarded = await consumer.forward(accepted, deadlineMs - CONCLUDE_MS)
  const { done, failed } = cut(partitions, forwarded)
  try {
    await conclude(done, [...rejected, ...forwarded.refused], consumer, dependencies, (count) =>
      sum(sum(ignored, forwarded.counts), { [METRICS.recordsRejected]: count }),
    )
  } catch (error) {
    if (onFailure === 'throw') throw error
    return reportFailed(partitions.map(wholePartition), error, dependencies)
  }
  const [first] = forwarded.again
  if (!first) return { batchItemFailures: [] }
  if (onFailure === 'throw') throw first.error
  return reportFailed(failed, first.error, dependencies)
}

/** The records before the first of its partition that is to be delivered again, and where such partitions resume. */
function cut(partitions: readonly PartitionRecords[], { again }: Forwarded) {
  const resume = new Map<string, number>()
  for (const { record } of again) {
    const key = `${record.topic}-${record.partition}`
    resume.set(key, Math.min(resume.get(key) ?? record.offset, record.offset))
  }
  const done: MskRecord[] = []
  const failed: { id: string; offset: number }[] = []
  for (const { id, records } of partitions) {
    const [first] = records
    const offset = first && resume.get(`${first.topic}-${first.partition}`)
    if (offset !== undefined) failed.push({ id, offset })
    done.push(...(offset === undefined ? records : records.filter((record) => record.offset < offset)))
  }
  return { done, failed }
}

async function conclude<Accepted extends AcceptedRecord>(
  done: readonly MskRecord[],
  rejected: readonly RejectedRecord[],
  consumer: TopicForwarder<Accepted>,
  { pool, deadlineMs, emitMetrics, log }: ConsumeDependencies,
  countsWith: (rejectedCount: number) => ReturnType<typeof sum>,
): Promise<void> {
  if (done.length === 0) return
  const isDone = new Set(done)
  const quarantined = rejected.filter(({ record }) => isDone.has(record))
  const { count, gaps } = await withTransaction<void, { count: number; gaps: readonly OffsetGap[] }>(
    pool,
    deadlineMs,
    {
      open: async () => undefined,
      store: async (client) => {
        const inserted = insertRejectedRecords(client, consumer.group, quarantined)
        const advanced = advanceOffsets(client, consumer.group, done)
        return { answers: allAnswered([inserted, advanced]).then(([count, gaps]) => ({ count, gaps })) }
      },
    },
  )
  logGaps(gaps, log)
  emitMetrics(metricsOf(consumer, done, countsWith(count), gaps))
}
