import type { Pool, PoolClient } from 'pg'
import type { MskRecord } from '../kafka/msk-event.ts'
import { METRICS } from '../metrics.ts'
import { failureCauseOf, isConflict } from '../postgres/sql-errors.ts'
import { allAnswered, type InFlight, withTransaction } from '../postgres/transaction.ts'
import { insertRejectedRecords, type RejectedRecord } from './rejected-records.ts'
import { type SortedRecords, sortRecords, unexpected } from './sort-records.ts'
import {
  type AcceptedRecord,
  type Counts,
  type Redelivery,
  sum,
  type TopicConsumer,
} from './topic-consumer.ts'

/**
 * Stores or quarantines every record, in one transaction. Records are read while the transaction begins.
 * Where Postgres or our own code refuses the batch for what is in it, the batch is halved until the records that are
 * refused stand alone; these are quarantined and the others stored, still in one transaction.
 * @returns what became of the records
 * @throws the infrastructure's error, or what quarantining itself failed for; then nothing is stored
 */
export async function storeBatch<Accepted extends AcceptedRecord>(
  pool: Pool,
  deadlineMs: number,
  consumer: TopicConsumer<Accepted>,
  records: readonly MskRecord[],
): Promise<Counts> {
  let sorted: SortedRecords<Accepted> | undefined
  const sort = () => {
    sorted ??= sortRecords(records, consumer, Date.now())
    return sorted
  }
  let isRetry = false
  try {
    return await withTransaction<Redelivery, Counts>(pool, deadlineMs, {
      open: async (client) => {
        // A second attempt follows a conflict, with a transaction that stored some of the same, or a lost commit.
        const stored = isRetry || isStored(client, consumer, records)
        isRetry = true
        sort()
        return (await stored) ? 'likely' : 'unlikely'
      },
      store: async (client, redelivery) => {
        const { accepted, rejected, ignored } = sort()
        return withQuarantine(client, rejected, ignored, await consumer.store(client, accepted, redelivery))
      },
    })
  } catch (error) {
    if (failureCauseOf(error) === 'infrastructure') throw error
  }
  return withTransaction<SortedRecords<Accepted>, Counts>(pool, deadlineMs, {
    open: async () => sort(),
    store: async (client, { rejected, accepted, ignored }) => {
      const { counts, refused } = await storeIsolated(client, consumer, accepted)
      return withQuarantine(client, [...rejected, ...refused], ignored, { answers: Promise.resolve(counts) })
    },
  })
}

/** Sends what is rejected after what is stored. */
function withQuarantine(
  client: PoolClient,
  rejected: readonly RejectedRecord[],
  ignored: Counts,
  { answers }: InFlight<Counts>,
): InFlight<Counts> {
  const quarantined = insertRejectedRecords(client, rejected)
  return {
    answers: allAnswered([answers, quarantined]).then(([stored, count]) =>
      sum(sum(ignored, stored), { [METRICS.recordsRejected]: count }),
    ),
  }
}

/** A batch that was stored is delivered again from its beginning: the first record of each partition shows it. */
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
