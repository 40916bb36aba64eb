import type { PoolClient } from 'pg'
import type { Rejection } from '../events/fields.ts'
import type { MskRecord } from '../kafka/msk-event.ts'
import type { MetricName } from '../metrics.ts'
import type { InFlight } from '../postgres/transaction.ts'
import type { Topic } from '../topics.ts'

/** A record that was read and is to be stored. A consumer's own type adds what it read. */
export interface AcceptedRecord {
  readonly record: MskRecord
}

/** What reading a record's value found. */
export type ReadRecord<Accepted extends AcceptedRecord> =
  | { readonly accepted: Accepted }
  /** The record cannot be stored, ever: a stable id such as `invalid_json`, and a sentence for people. */
  | { readonly rejection: Rejection }
  /** There is nothing to store; the metric counts it. */
  | { readonly ignored: MetricName }

/** What became of records, in numbers of records or rows. */
export type Counts = Partial<Record<MetricName, number>>

/** Whether some of a batch is stored already. Both answers may be wrong: they choose the faster way, not the result. */
export type Redelivery = 'unlikely' | 'likely'

/** One consumer: how a record's value is read, and how a batch of records is stored. */
export interface TopicConsumer<Accepted extends AcceptedRecord> {
  readonly topic: Topic
  /** The consumer group under which its progress is remembered. */
  readonly group: string
  /** What reading and storing count. Each of these metrics is emitted with every batch, also where it is 0. */
  readonly metrics: readonly MetricName[]
  /** Reads the text of a record's value. Whatever it throws rejects the record. */
  read(text: string, record: MskRecord, nowMs: number): ReadRecord<Accepted>
  /** Whether any of the records, which are the first of their partitions, is stored. Must not write. */
  isStored(client: PoolClient, firsts: readonly Accepted[]): Promise<boolean>
  /**
   * Stores all records in the caller's transaction. The result must not depend on how records are cut into batches,
   * and storing a record again must change nothing.
   */
  store(client: PoolClient, records: readonly Accepted[], redelivery: Redelivery): Promise<InFlight<Counts>>
}

/** The counts of two parts of a batch together. */
export function sum(a: Counts, b: Counts): Counts {
  const total: Counts = { ...a }
  for (const [name, count] of Object.entries(b) as [MetricName, number][]) {
    total[name] = (total[name] ?? 0) + count
  }
  return total
}
