/**
 * The Kafka topics and their consumer groups. Every value exported here is a topic, and everything about a topic is
 * declared here only: stacks, size profiles and functions read it. Import the table as `import * as TOPICS`, so that a
 * bundle contains only the topics that it uses.
 */

/** A topic: its name, key, size and readers. */
export interface Topic {
  readonly name: string
  /** The environment variable that gives a producer another name for the topic. */
  readonly setting: `KAFKA_TOPIC_${string}`
  /** What the message key is, for readers of the topic; the value is always one JSON event. */
  readonly key: 'asin' | 'none'
  /** Kafka's `retention.ms`: how far back a consumer group can be replayed, in milliseconds; at least seven days. */
  readonly retentionMs: number
  /** Partitions by size profile: the most consumers that can run in parallel. They can grow, never shrink. */
  readonly partitions: Readonly<Record<'dev' | 'small' | 'large', number>>
  /** The consumer group of each function that reads the topic, by the function's name. */
  readonly groups: Readonly<Record<string, string>>
}

const SEVEN_DAYS_MS = 168 * 60 * 60 * 1000

/** The first consumer group, `KAFKA_CONSUMER_GROUP` in the original; the other groups' names begin with it. */
const CONSUMER_GROUP = 'keeper-consumer-group'

/** One event per watched product and check, keyed by ASIN: an ASIN stays in one partition and in order. */
export const prices = {
  name: 'price-updates',
  setting: 'KAFKA_TOPIC_PRICES',
  key: 'asin',
  retentionMs: SEVEN_DAYS_MS,
  partitions: { dev: 3, small: 6, large: 24 },
  groups: { 'price-consumer': CONSUMER_GROUP },
} as const satisfies Topic

/** One event per collected or reported deal, without a key: spread over partitions, ordered by event time only. */
export const deals = {
  name: 'deal-updates',
  setting: 'KAFKA_TOPIC_DEALS',
  key: 'none',
  retentionMs: SEVEN_DAYS_MS,
  partitions: { dev: 3, small: 6, large: 24 },
  groups: {
    'deal-consumer': `${CONSUMER_GROUP}-deals`,
    'search-indexer': `${CONSUMER_GROUP}-search`,
  },
} as const satisfies Topic
