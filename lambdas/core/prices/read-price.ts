import { firstRecordMs } from '../consuming/redriven.ts'
import type { AcceptedRecord, ReadRecord } from '../consuming/topic-consumer.ts'
import type { Rejection } from '../events/fields.ts'
import type { Parsed } from '../events/parse.ts'
import { type EventTime, eventTimeOfMs } from '../events/timestamp.ts'
import { type MskRecord, timestampOf } from '../kafka/msk-event.ts'
import { METRICS } from '../metrics.ts'
import type { Amount } from '../money.ts'
import type { Observation, TimeFlag } from './price-history.ts'

/** The fields of every event with a price. */
export interface PricedEvent {
  readonly asin: string
  readonly domain: string
  /** Empty if unknown. */
  readonly title: string
  /** Null if the event says that there is no price now. */
  readonly currentPrice: Amount | null
  /** Undefined if the event has no readable timestamp. */
  readonly time: EventTime | undefined
  /** Whether that is so because nothing is offered. */
  readonly isGap?: boolean
  /** A price or gap of the past, imported: history only. */
  readonly isHistory?: boolean
}

/** A record whose event is an observed price. */
export interface PriceRecord<Event extends PricedEvent> extends AcceptedRecord, Observation {
  readonly record: MskRecord
  readonly event: Event
}

/** A record that says that nothing is offered. */
export interface GapRecord<Event extends PricedEvent> extends Omit<PriceRecord<Event>, 'price'> {
  readonly price: null
}

/** An event further ahead of the clock is stored in the history but never becomes the current price. */
const MAX_AHEAD_MS = 5 * 60_000

/** An earlier observation is implausible; a timestamp of 0, for example, is 1970. */
const EARLIEST_MS = Date.UTC(2000, 0, 1)

/** The observation in a parsed record, or why there is none. */
export function readPrice<Event extends PricedEvent>(
  parsed: Parsed<Event>,
  record: MskRecord,
  nowMs: number,
): ReadRecord<PriceRecord<Event>> {
  if ('rejection' in parsed) return parsed
  const { event } = parsed
  const price = event.currentPrice
  if (price === null) return { ignored: METRICS.recordsWithoutPrice }
  const timed = timeOf(event, record, nowMs)
  return timed ? { accepted: { record, event, price, ...timed } } : { rejection: WITHOUT_TIME }
}

/** As `readPrice`; also reads that nothing is offered. */
export function readPriceOrGap<Event extends PricedEvent>(
  parsed: Parsed<Event>,
  record: MskRecord,
  nowMs: number,
): ReadRecord<PriceRecord<Event> | GapRecord<Event>> {
  if ('rejection' in parsed || !parsed.event.isGap) return readPrice(parsed, record, nowMs)
  const { event } = parsed
  const timed = timeOf(event, record, nowMs)
  return timed ? { accepted: { record, event, price: null, ...timed } } : { rejection: WITHOUT_TIME }
}

function timeOf(
  event: PricedEvent,
  record: MskRecord,
  nowMs: number,
): Pick<Observation, 'time' | 'timeFlag'> | undefined {
  // The record's time is that of sending, and says nothing about a price of the past.
  const time = event.time ?? (event.isHistory ? undefined : recordTime(record))
  return time && { time, timeFlag: timeFlagOf(event, time, nowMs) }
}

const WITHOUT_TIME: Rejection = {
  reason: 'bad_timestamp',
  detail: 'neither the event nor its record has a timestamp, or an event of the past has none of its own',
}

/** A redriven record has its first one's time: sent again, an old price is not news. */
function recordTime(record: MskRecord): EventTime | undefined {
  const ms = firstRecordMs(record) ?? timestampOf(record)
  return ms === undefined ? undefined : eventTimeOfMs(ms)
}

function timeFlagOf(event: PricedEvent, time: EventTime, nowMs: number): TimeFlag | null {
  if (time.micros > (nowMs + MAX_AHEAD_MS) * 1000 || time.micros < EARLIEST_MS * 1000) return 'implausible'
  if (event.isHistory) return 'history'
  return event.time ? null : 'record_time'
}
