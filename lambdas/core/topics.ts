/**
 * The two Kafka topics and their consumer groups: the names by which producers and consumers meet.
 * Names, keys and retention are the contract; partitions and replicas belong to the size profile.
 */

/** A topic's fixed properties. */
export interface Topic {
  readonly name: string
  /** What the message key is, for readers of the topic; the value is always one JSON event. */
  readonly key: 'asin' | 'none'
  /** Kafka's `retention.ms`: how far back a consumer group can be replayed, in milliseconds. */
  readonly retentionMs: number
}

const SEVEN_DAYS_MS = 168 * 60 * 60 * 1000

/** One event per watched product and check, keyed by ASIN: one ASIN is always in one partition and in order. */
export const PRICE_UPDATES: Topic = { name: 'price-updates', key: 'asin', retentionMs: SEVEN_DAYS_MS }

/** One event per collected or reported deal, without a key: spread over partitions, ordered by event time only. */
export const DEAL_UPDATES: Topic = { name: 'deal-updates', key: 'none', retentionMs: SEVEN_DAYS_MS }

export const TOPICS: readonly Topic[] = [PRICE_UPDATES, DEAL_UPDATES]

/** Consumer group of the price consumer; the value of `KAFKA_CONSUMER_GROUP` unless set otherwise. */
export const PRICE_CONSUMER_GROUP = 'keeper-consumer-group'

/** Consumer group of the deal consumer: the price group's name with `-deals`. */
export const dealConsumerGroup = (priceGroup: string = PRICE_CONSUMER_GROUP): string => `${priceGroup}-deals`
