import { codeOf, messageOf } from '../errors.ts'
import type { Rejection } from '../events/fields.ts'
import { type MskRecord, textOf } from '../kafka/msk-event.ts'
import { METRICS, type MetricName } from '../metrics.ts'
import type { RejectedRecord } from './rejected-records.ts'
import type { AcceptedRecord, Counts, ReadRecord, TopicReader } from './topic-consumer.ts'

/** A batch's records, each in exactly one of these. */
export interface SortedRecords<Accepted extends AcceptedRecord> {
  readonly accepted: readonly Accepted[]
  readonly rejected: readonly RejectedRecord[]
  /** Counts of the others: tombstones, and what the consumer ignores. */
  readonly ignored: Counts
}

/** Reads each record's value and decides where it belongs. */
export function sortRecords<Accepted extends AcceptedRecord>(
  records: readonly MskRecord[],
  consumer: TopicReader<Accepted>,
  nowMs: number,
): SortedRecords<Accepted> {
  const accepted: Accepted[] = []
  const rejected: RejectedRecord[] = []
  const ignored: Counts = {}
  const ignore = (metric: MetricName) => {
    ignored[metric] = (ignored[metric] ?? 0) + 1
  }
  for (const record of records) {
    if (typeof record.value !== 'string') {
      ignore(METRICS.tombstones)
      continue
    }
    const found = readSafely(consumer, record.value, record, nowMs)
    if ('accepted' in found) accepted.push(found.accepted)
    else if ('rejection' in found) rejected.push({ record, ...found.rejection })
    else ignore(found.ignored)
  }
  return { accepted, rejected, ignored }
}

/** A bug in reading one value must not block its partition: the record is quarantined until the bug is fixed. */
function readSafely<Accepted extends AcceptedRecord>(
  consumer: TopicReader<Accepted>,
  value: string,
  record: MskRecord,
  nowMs: number,
): ReadRecord<Accepted> {
  try {
    const text = textOf(value)
    return text === undefined ? { rejection: notUtf8(value) } : consumer.read(text, record, nowMs)
  } catch (error) {
    return { rejection: unexpected(error) }
  }
}

const notUtf8 = (value: string): Rejection => ({
  reason: 'invalid_utf8',
  detail: `the value's ${Buffer.byteLength(value, 'base64')} bytes are not UTF-8`,
})

/** The rejection of a record that failed for an unforeseen reason. */
export const unexpected = (error: unknown): Rejection => ({
  reason: 'not_storable',
  detail: [codeOf(error), messageOf(error)].filter(Boolean).join(' '),
})
