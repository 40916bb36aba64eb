import type { Pool, PoolClient } from 'pg'
import type { MskRecord } from '../kafka/msk-event.ts'
import { METRICS } from '../metrics.ts'
import { failureCauseOf, isConflict } from '../postgres/sql-errors.ts'
import { allAnswered, type InFlight, withTransaction } from '../postgres/transaction.ts'
import { advanceOffsets, type OffsetGap } from './consumed-offsets.ts'
import { insertRejectedRecords, type RejectedRecord } from './rejected-records.ts'
import { type SortedRecords, sortRecords, unexpected } from './sort-records.ts'
import {
  type AcceptedRecord,
  type Counts,
  type Redelivery,
  sum,
  type TopicConsumer,
} from './topic-consumer.ts'

/** The outcome of a batch. */
export interface StoredBatch {
  readonly counts: Counts
  /** Offsets before the batch that were never delivered. */
  readonly gaps: readonly OffsetGap[]
}

/**
 * Stores or quarantines every record in one transaction. Records are parsed while the transaction begins.
 * If Postgres or our own code refuses the batch because of its content, the batch is halved until the refused records
 * stand alone; these are quarantined and the others stored, still in one transaction.
 * @throws the infrastructure's error, or the error of quarantining itself; then nothing is stored
 */
export async function storeBatch<Accepted extends AcceptedRecord>(
  pool: Pool,
  deadlineMs: number,
  consumer: TopicConsumer<Accepted>,
  records: readonly MskRecord[],
): Promise<StoredBatch> {
  let sorted: SortedRecords<Accepted> | undefined
  const sort = () => {
    sorted ??= sortRecords(records, consumer, Date.now())
    return sorted
  }
  /** Sends the rejected records and the group's position right after the statements that store. */
  const finish = (
    client: PoolClient,
    rejected: readonly RejectedRecord[],
    ignored: Counts,
    { answers }: InFlight<Counts>,
  ): InFlight<StoredBatch> => {
    const quarantined = insertRejectedRecords(client, consumer.group, rejected)
    const advanced = advanceOffsets(client, consumer.group, records)
    return {
      answers: allAnswered([answers, quarantined, advanced]).then(([stored, count, gaps]) => ({
        counts: sum(sum(ignored, stored), { [METRICS.recordsRejected]: count }),
        gaps,
      })),
    }
  }
  let isRetry = false
  try {
    return await withTransaction<Redelivery, StoredBatch>(pool, deadlineMs, {
      open: async (client) => {
        // A second attempt follows a conflict with a transaction that stored some of these records, or a lost commit.
        const stored = isRetry || isStored(client, consumer, records)
        isRetry = true
        sort()
        return (await stored) ? 'likely' : 'unlikely'
      },
      store: async (client, redelivery) => {
        const { accepted, rejected, ignored } = sort()
        return finish(client, rejected, ignored, await consumer.store(client, accepted, redelivery))
      },
    })
  } catch (error) {
    if (failureCauseOf(error) === 'infrastructure') throw error
  }
  return withTransaction<SortedRecords<Accepted>, StoredBatch>(pool, deadlineMs, {
    open: async () => sort(),
    store: async (client, { rejected, accepted, ignored }) => {
      const { counts, refused } = await storeIsolated(client, consumer, accepted)
      return finish(client, [...rejected, ...refused], ignored, { answers: Promise.resolve(counts) })
    },
  })
}

/** A stored batch is redelivered from its beginning, so checking the first record of each partition is enough. */
async function isStored<Accepted extends AcceptedRecord>(
  client: PoolClient,
  consumer: TopicConsumer<Accepted>,
  records: readonly MskRecord[],
): Promise<boolean> {
  const firsts = records.filter(({ partition }, index) => partition !== records[index - 1]?.partition)
  const { accepted } = sortRecords(firsts, consumer, Date.now())
  return consumer.isStored(client, accepted)
}

interface IsolatedCounts {
  readonly counts: Counts
  readonly refused: readonly RejectedRecord[]
}

async function storeIsolated<Accepted extends AcceptedRecord>(
  client: PoolClient,
  consumer: TopicConsumer<Accepted>,
  records: readonly Accepted[],
): Promise<IsolatedCounts> {
  await client.query('savepoint part')
  try {
    const counts = await (await consumer.store(client, records, 'likely')).answers
    await client.query('release savepoint part')
    return { counts, refused: [] }
  } catch (error) {
    if (failureCauseOf(error) === 'infrastructure' || isConflict(error)) throw error
    await client.query('rollback to savepoint part; release savepoint part')
    const [only] = records
    if (!only) throw error
    if (records.length === 1) return { counts: {}, refused: [{ record: only.record, ...unexpected(error) }] }
    const middle = Math.ceil(records.length / 2)
    const first = await storeIsolated(client, consumer, records.slice(0, middle))
    const second = await storeIsolated(client, consumer, records.slice(middle))
    return { counts: sum(first.counts, second.counts), refused: [...first.refused, ...second.refused] }
  }
}
