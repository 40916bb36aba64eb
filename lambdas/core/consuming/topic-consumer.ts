import type { PoolClient } from 'pg'
import type { Rejection } from '../events/fields.ts'
import type { MskRecord } from '../kafka/msk-event.ts'
import type { MetricName } from '../metrics.ts'
import type { InFlight } from '../postgres/transaction.ts'
import type { Topic } from '../topics.ts'

/** A record that was read and will be stored. A consumer's own type adds what it read. */
export interface AcceptedRecord {
  readonly record: MskRecord
}

/** The result of reading a record's value. */
export type ReadRecord<Accepted extends AcceptedRecord> =
  | { readonly accepted: Accepted }
  /** The record can never be stored: a stable id such as `invalid_json`, and a sentence for people. */
  | { readonly rejection: Rejection }
  /** There is nothing to store; the metric counts it. */
  | { readonly ignored: MetricName }

/** Numbers of records or rows, by metric. */
export type Counts = Partial<Record<MetricName, number>>

/** Whether part of a batch is probably stored already. A wrong guess costs time and never changes the result. */
export type Redelivery = 'unlikely' | 'likely'

/** What every consumer says of itself, and how it reads a record's value. */
export interface TopicReader<Accepted extends AcceptedRecord> {
  readonly topic: Topic
  /** The consumer group whose position is saved. */
  readonly group: string
  /** The metrics that reading and storing count. Each is emitted with every batch, even if it is 0. */
  readonly metrics: readonly MetricName[]
  /** Reads the text of a record's value. Any error that it throws rejects the record. */
  read(text: string, record: MskRecord, nowMs: number): ReadRecord<Accepted>
}

/** A consumer that stores in Postgres, in one transaction with its position. */
export interface TopicConsumer<Accepted extends AcceptedRecord> extends TopicReader<Accepted> {
  /** Whether any of `firsts`, the first record of each partition, is stored already. Must not write. */
  isStored(client: PoolClient, firsts: readonly Accepted[]): Promise<boolean>
  /**
   * Stores all records in the caller's transaction. The result must not depend on how records are cut into batches,
   * and storing a record again must change nothing.
   */
  store(client: PoolClient, records: readonly Accepted[], redelivery: Redelivery): Promise<InFlight<Counts>>
}

/** The sum of the counts of two parts of a batch. */
export function sum(a: Counts, b: Counts): Counts {
  const total: Counts = { ...a }
  for (const [name, count] of Object.entries(b) as [MetricName, number][]) {
    total[name] = (total[name] ?? 0) + count
  }
  return total
}
