import type { Pool, PoolClient } from 'pg'
import type { ConsumedRecord } from '../kafka/msk-event.ts'
import { insertRejectedRecords, type RejectedRecord } from '../postgres/rejected-records.ts'
import { isConflict, troubleOf } from '../postgres/sql-errors.ts'
import { withTransaction } from '../postgres/transaction.ts'
import type { AcceptedRecord, Consumer, Delivery, PricedEvent, StoreCounts } from './consumer.ts'
import { type SortedRecords, sortRecords, unexpected } from './sort-records.ts'

/** What became of a batch, in numbers of records or rows. */
export interface BatchCounts extends StoreCounts {
  /** Records that went to quarantine and were not there yet. */
  readonly rejected: number
}

/** A batch's records, and what storing them did. */
export interface StoredBatch<Event> {
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
  records: readonly ConsumedRecord[],
): Promise<StoredBatch<Event>> {
  let known: SortedRecords<Event> | undefined
  const sort = () => {
    known ??= sortRecords(records, consumer, Date.now())
    return known
  }
  let delivery: Delivery | undefined
  try {
    return await withTransaction(pool, { deadlineMs, meanwhile: sort }, async (client) => {
      // A second attempt follows a conflict, with a transaction that stored some of the same, or a lost commit.
      delivery = delivery ? 'again' : 'first'
      const sorted = sort()
      const counts = await consumer.store(client, sorted.accepted, delivery)
      return { sorted, counts: { ...counts, rejected: await insertRejectedRecords(client, sorted.rejected) } }
    })
  } catch (error) {
    if (troubleOf(error) === 'infrastructure') throw error
  }
  return withTransaction(pool, { deadlineMs }, async (client) => {
    const sorted = sort()
    const isolated = await storeIsolated(client, consumer, sorted.accepted)
    const all = [...sorted.rejected, ...isolated.refused]
    return { sorted, counts: { ...isolated.counts, rejected: await insertRejectedRecords(client, all) } }
  })
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
    const counts = await consumer.store(client, records, 'again')
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
