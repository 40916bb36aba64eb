/**
 * The Kafka topics and their consumer groups: the names by which producers and consumers meet. Each value that this file
 * exports is a topic, and everything that is a topic's own is written here and nowhere else: stacks, size profiles and
 * functions read it. `import * as TOPICS` is the table, of which a bundle keeps the topics that it uses.
 */

/** A topic: its names, its key, and how much of it there is. */
export interface Topic {
  readonly name: string
  /** The environment variable that tells a producer another name for it. */
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

/** The first consumer group, `KAFKA_CONSUMER_GROUP` in the original; every other group's name begins with it. */
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
  groups: { 'deal-consumer': `${CONSUMER_GROUP}-deals` },
} as const satisfies Topic
