import { codeOf, messageOf } from '../errors.ts'
import type { Rejection } from '../events/fields.ts'
import type { Parsed } from '../events/parse.ts'
import { type EventTime, eventTimeOfMs } from '../events/timestamp.ts'
import { type MskRecord, textOf, timestampOf } from '../kafka/msk-event.ts'
import type { TimeFlag } from '../postgres/price-history.ts'
import type { RejectedRecord } from '../postgres/rejected-records.ts'
import type { AcceptedRecord, Consumer, PricedEvent } from './consumer.ts'

/** Every record of a batch, in exactly one place. */
export interface SortedRecords<Event extends PricedEvent> {
  readonly accepted: readonly AcceptedRecord<Event>[]
  readonly rejected: readonly RejectedRecord[]
  readonly tombstones: number
  readonly withoutPrice: number
  /** Accepted records whose key is missing or not their ASIN, on a topic that is keyed by ASIN. */
  readonly keyMismatches: number
}

/** An event this much ahead of the clock is history, but never the current price. */
const MAX_AHEAD_MS = 5 * 60_000

/** Before this no observation is plausible; 1970 is what a timestamp of 0 becomes. */
const EARLIEST_MS = Date.UTC(2000, 0, 1)

/** Reads each record's value and says what is to be done with it. */
export function sortRecords<Event extends PricedEvent>(
  records: readonly MskRecord[],
  consumer: Consumer<Event>,
  nowMs: number,
): SortedRecords<Event> {
  const accepted: AcceptedRecord<Event>[] = []
  const rejected: RejectedRecord[] = []
  let tombstones = 0
  let withoutPrice = 0
  let keyMismatches = 0
  for (const record of records) {
    if (typeof record.value !== 'string') {
      tombstones += 1
      continue
    }
    const parsed = parseSafely(consumer, record.value)
    if ('rejection' in parsed) {
      rejected.push({ record, ...parsed.rejection })
      continue
    }
    const { event } = parsed
    if (event.currentPrice === null) {
      withoutPrice += 1
      continue
    }
    const time = event.time ?? recordTime(record)
    if (!time) {
      rejected.push({
        record,
        reason: 'bad_timestamp',
        detail: 'neither the event nor its record has a timestamp',
      })
      continue
    }
    // An ASIN is ASCII, so that its base64 is that of its bytes.
    if (consumer.topic.key === 'asin' && record.key !== btoa(event.asin)) keyMismatches += 1
    accepted.push({
      record,
      event,
      price: event.currentPrice,
      time,
      timeFlag: timeFlagOf(event.time, time, nowMs),
    })
  }
  return { accepted, rejected, tombstones, withoutPrice, keyMismatches }
}

/** A bug in reading one value must not stop its partition: the record is kept for whoever mends it. */
function parseSafely<Event extends PricedEvent>(consumer: Consumer<Event>, value: string): Parsed<Event> {
  try {
    const text = textOf(value)
    return text === undefined ? { rejection: notUtf8(value) } : consumer.parse(text)
  } catch (error) {
    return { rejection: unexpected(error) }
  }
}

const notUtf8 = (value: string): Rejection => ({
  reason: 'invalid_utf8',
  detail: `the value's ${Buffer.byteLength(value, 'base64')} bytes are not UTF-8`,
})

/** The reason of a record that failed for no reason that is foreseen. */
export const unexpected = (error: unknown): Rejection => ({
  reason: 'not_storable',
  detail: [codeOf(error), messageOf(error)].filter(Boolean).join(' '),
})

function recordTime(record: MskRecord): EventTime | undefined {
  const ms = timestampOf(record)
  return ms === undefined ? undefined : eventTimeOfMs(ms)
}

function timeFlagOf(own: EventTime | undefined, time: EventTime, nowMs: number): TimeFlag | null {
  if (time.micros > (nowMs + MAX_AHEAD_MS) * 1000 || time.micros < EARLIEST_MS * 1000) return 'implausible'
  return own ? null : 'record_time'
}
