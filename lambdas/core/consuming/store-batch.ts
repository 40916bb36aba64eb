import type { Pool, PoolClient } from 'pg'
import type { MskRecord } from '../kafka/msk-event.ts'
import { notInHistory } from '../postgres/price-history.ts'
import { insertRejectedRecords, type RejectedRecord } from '../postgres/rejected-records.ts'
import { isConflict, troubleOf } from '../postgres/sql-errors.ts'
import { allAnswered, type Sent, withTransaction } from '../postgres/transaction.ts'
import type { AcceptedRecord, Consumer, Delivery, PricedEvent, StoreCounts } from './consumer.ts'
import { type SortedRecords, sortRecords, unexpected } from './sort-records.ts'

/** What became of a batch, in numbers of records or rows. */
export interface BatchCounts extends StoreCounts {
  /** Records that went to quarantine and were not there yet. */
  readonly rejected: number
}

/** A batch's records, and what storing them did. */
export interface StoredBatch<Event extends PricedEvent> {
  readonly sorted: SortedRecords<Event>
  readonly counts: BatchCounts
}

/**
 * Stores or quarantines every record, in one transaction. Records are read while the transaction begins.
 * Where Postgres refuses the batch for what is in it, the batch is halved until the records that it refuses stand
 * alone; these are quarantined and the others stored, still in one transaction.
 * @throws the infrastructure's error; then nothing is stored
 */
export async function storeBatch<Event extends PricedEvent>(
  pool: Pool,
  deadlineMs: number,
  consumer: Consumer<Event>,
  records: readonly MskRecord[],
): Promise<StoredBatch<Event>> {
  let sorted: SortedRecords<Event> | undefined
  const sort = () => {
    sorted ??= sortRecords(records, consumer, Date.now())
    return sorted
  }
  let again = false
  try {
    return await withTransaction(pool, deadlineMs, {
      open: async (client) => {
        const known = again || isDelivered(client, consumer, records)
        // A second attempt follows a conflict, with a transaction that stored some of the same, or a lost commit.
        again = true
        sort()
        return (await known) ? 'again' : 'first'
      },
      store: async (client, delivery: Delivery) =>
        batch(client, sort(), await consumer.store(client, sort().accepted, delivery)),
    })
  } catch (error) {
    if (troubleOf(error) === 'infrastructure') throw error
  }
  return withTransaction(pool, deadlineMs, {
    open: async () => sort(),
    store: async (client, { rejected, accepted, ...others }) => {
      const { counts, refused } = await storeIsolated(client, consumer, accepted)
      const all = { ...others, accepted, rejected: [...rejected, ...refused] }
      return batch(client, all, { answers: Promise.resolve(counts) })
    },
  })
}

/** Sends what is rejected after what is stored. */
function batch<Event extends PricedEvent>(
  client: PoolClient,
  sorted: SortedRecords<Event>,
  { answers }: Sent<StoreCounts>,
): Sent<StoredBatch<Event>> {
  const quarantined = insertRejectedRecords(client, sorted.rejected)
  return {
    answers: allAnswered([answers, quarantined]).then(([counts, rejected]) => ({
      sorted,
      counts: { ...counts, rejected },
    })),
  }
}

/** Whether the history has the first price of a partition: a batch that was stored comes again from its beginning. */
async function isDelivered<Event extends PricedEvent>(
  client: PoolClient,
  consumer: Consumer<Event>,
  records: readonly MskRecord[],
): Promise<boolean> {
  const firsts = records.filter(({ partition }, index) => partition !== records[index - 1]?.partition)
  const { accepted } = sortRecords(firsts, consumer, Date.now())
  const unknown = await notInHistory(client, consumer.source, accepted)
  return unknown.length < accepted.length
}

interface Isolated {
  readonly counts: StoreCounts
  readonly refused: readonly RejectedRecord[]
}

async function storeIsolated<Event extends PricedEvent>(
  client: PoolClient,
  consumer: Consumer<Event>,
  records: readonly AcceptedRecord<Event>[],
): Promise<Isolated> {
  await client.query('savepoint part')
  try {
    const counts = await (await consumer.store(client, records, 'again')).answers
    await client.query('release savepoint part')
    return { counts, refused: [] }
  } catch (error) {
    if (troubleOf(error) === 'infrastructure' || isConflict(error)) throw error
    await client.query('rollback to savepoint part; release savepoint part')
    const [only] = records
    if (!only) throw error
    if (records.length === 1) {
      return {
        counts: { historyRows: 0, alerts: 0, unwatched: 0 },
        refused: [{ record: only.record, ...unexpected(error) }],
      }
    }
    const middle = Math.ceil(records.length / 2)
    const first = await storeIsolated(client, consumer, records.slice(0, middle))
    const second = await storeIsolated(client, consumer, records.slice(middle))
    return { counts: sum(first.counts, second.counts), refused: [...first.refused, ...second.refused] }
  }
}

const sum = (a: StoreCounts, b: StoreCounts): StoreCounts => ({
  historyRows: a.historyRows + b.historyRows,
  alerts: a.alerts + b.alerts,
  unwatched: a.unwatched + b.unwatched,
})
