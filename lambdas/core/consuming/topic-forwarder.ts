import type { MskRecord } from '../kafka/msk-event.ts'
import type { RejectedRecord } from './rejected-records.ts'
import type { AcceptedRecord, Counts, TopicReader } from './topic-consumer.ts'

/** A consumer that stores somewhere else than in Postgres, where each record succeeds or fails by itself. */
export interface TopicForwarder<Accepted extends AcceptedRecord> extends TopicReader<Accepted> {
  /**
   * Stores the records, each durably before this returns, or says of it what became of it. Storing a record again, or
   * after a newer one, must change nothing.
   * @param deadlineMs milliseconds since 1970 by which it returns; what is not stored by then is to be delivered again
   * @throws only what is our own mistake
   */
  forward(records: readonly Accepted[], deadlineMs: number): Promise<Forwarded>
}

/** The outcome of a batch; every record that is in neither list is stored. */
export interface Forwarded {
  readonly counts: Counts
  /** Can never be stored. */
  readonly refused: readonly RejectedRecord[]
  /** Not stored, and no record's fault: in the order of the batch. */
  readonly again: readonly { readonly record: MskRecord; readonly error: unknown }[]
}
