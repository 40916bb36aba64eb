import type { PoolClient } from 'pg'
import type { Parsed } from '../events/parse.ts'
import type { EventTime } from '../events/timestamp.ts'
import type { MskRecord } from '../kafka/msk-event.ts'
import type { Amount } from '../money.ts'
import type { Observation, PriceSource } from '../postgres/price-history.ts'
import type { Sent } from '../postgres/transaction.ts'
import type { Topic } from '../topics.ts'

/** What every event of a consumed topic has. */
export interface PricedEvent {
  readonly asin: string
  readonly domain: string
  /** Empty where it is not known. */
  readonly title: string
  /** Null where the event says that there is no price now. */
  readonly currentPrice: Amount | null
  /** Undefined where the event has no readable timestamp. */
  readonly time: EventTime | undefined
}

/** A record whose event is to be stored. */
export interface AcceptedRecord<Event extends PricedEvent> extends Observation {
  readonly record: MskRecord
  readonly event: Event
}

/** What storing did, in numbers of records or rows. */
export interface StoreCounts {
  readonly historyRows: number
  readonly alerts: number
  /** Records of products that nobody watches. */
  readonly unwatched: number
}

/** Whether all of a batch is likely to be new, or some of it is stored already. */
export type Delivery = 'first' | 'again'

/** One consumer: how a record's value is read, and how a batch of events is stored. */
export interface Consumer<Event extends PricedEvent> {
  readonly topic: Topic
  /** What its rows of the history say where they come from. */
  readonly source: PriceSource
  /** Reads a record's value. */
  parse(text: string): Parsed<Event>
  /**
   * Stores all records in the caller's transaction. The result must not depend on how records are cut into batches,
   * and storing a record again must change nothing.
   */
  store(
    client: PoolClient,
    records: readonly AcceptedRecord<Event>[],
    delivery: Delivery,
  ): Promise<Sent<StoreCounts>>
}
