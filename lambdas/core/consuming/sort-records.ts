import { codeOf, messageOf } from '../errors.ts'
import { type EventTime, eventTimeOfMs } from '../events/timestamp.ts'
import type { ConsumedRecord } from '../kafka/msk-event.ts'
import type { TimeFlag } from '../postgres/price-history.ts'
import type { RejectedRecord } from '../postgres/rejected-records.ts'
import type { AcceptedRecord, Consumer, PricedEvent } from './consumer.ts'

/** Every record of a batch, in exactly one place. */
export interface SortedRecords<Event> {
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
  records: readonly ConsumedRecord[],
  consumer: Consumer<Event>,
  nowMs: number,
): SortedRecords<Event> {
  const accepted: AcceptedRecord<Event>[] = []
  const rejected: RejectedRecord[] = []
  let tombstones = 0
  let withoutPrice = 0
  let keyMismatches = 0
  for (const record of records) {
    if (record.value === null) {
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
    if (consumer.topic.key === 'asin' && record.key?.toString('utf8') !== event.asin) keyMismatches += 1
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
function parseSafely<Event extends PricedEvent>(consumer: Consumer<Event>, value: Uint8Array) {
  try {
    return consumer.parse(value)
  } catch (error) {
    return { rejection: unexpected(error) }
  }
}

/** The reason of a record that failed for no reason that is foreseen. */
export const unexpected = (error: unknown) => ({
  reason: 'not_storable',
  detail: [codeOf(error), messageOf(error)].filter(Boolean).join(' '),
})

const recordTime = ({ timestampMs }: ConsumedRecord): EventTime | undefined =>
  timestampMs === undefined ? undefined : eventTimeOfMs(timestampMs)

function timeFlagOf(own: EventTime | undefined, time: EventTime, nowMs: number): TimeFlag | null {
  if (time.micros > (nowMs + MAX_AHEAD_MS) * 1000 || time.micros < EARLIEST_MS * 1000) return 'implausible'
  return own ? null : 'record_time'
}
