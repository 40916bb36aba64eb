import type pg from 'pg'
import type { KafkaWith } from '../../lambdas/core/kafka/topic-producer.ts'
import { TopicProducer } from '../../lambdas/core/kafka/topic-producer.ts'
import { createKeepaClient, type KeepaClient } from '../../lambdas/core/keepa/client.ts'
import { createLogger, type LogFields } from '../../lambdas/core/logger.ts'
import { marketplaceOf } from '../../lambdas/core/marketplaces.ts'
import type { StoredMessage, TestKafka } from '../helpers/kafka.ts'
import type { TestRecord } from '../helpers/msk-events.ts'

/** A logger and what it was told. */
export function listener() {
  const logged: LogFields[] = []
  return { log: createLogger({}, (line) => logged.push(JSON.parse(line))), logged }
}

/** The real client, which does not wait between attempts. */
export const keepaOf = (baseUrl: string): KeepaClient =>
  createKeepaClient({ apiKey: 'any', baseUrl, sleep: async () => undefined })

/** Milliseconds since 1970 by which a run with much time is over. */
export const inMinutes = (minutes: number): number => Date.now() + minutes * 60_000

const opened: TopicProducer[] = []

export function topicProducer(kafka: TestKafka | KafkaWith, topic: string): TopicProducer {
  const kafkaWith = typeof kafka === 'function' ? kafka : () => kafka.kafka
  const servers = typeof kafka === 'function' ? 'localhost:1' : kafka.bootstrapServers
  const producer = new TopicProducer(kafkaWith, topic, servers)
  opened.push(producer)
  return producer
}

/** For afterEach. */
export const closeProducers = () => Promise.all(opened.splice(0).map((producer) => producer.disconnect()))

/** The events in a topic as objects, sorted by ASIN. */
export async function eventsIn(kafka: TestKafka, topic: string): Promise<Record<string, unknown>[]> {
  const events = (await kafka.readAll(topic)).map(eventOf)
  return events.toSorted((one, other) => (String(one.asin) < String(other.asin) ? -1 : 1))
}

export const eventOf = ({ value }: StoredMessage): Record<string, unknown> => JSON.parse(String(value))

export const asinsOf = (events: readonly Record<string, unknown>[]): unknown[] =>
  events.map(({ asin }) => asin)

/** A topic's messages as the event source mapping delivers them. */
export const recordsOf = (messages: readonly StoredMessage[]): TestRecord[] =>
  messages.map(({ partition, offset, key, value }) => ({
    partition,
    offset: Number(offset),
    key: key?.toString() ?? null,
    value,
  }))

/** ASINs that no market knows, in their order. */
export const asin = (number: number): string => `X${String(number).padStart(9, '0')}`

/** Adds products with no watch of their own, as a script does. */
export async function addProducts(pool: pg.Pool, asins: readonly string[], domain = 'de'): Promise<void> {
  await pool.query(
    'insert into watched_products (asin, domain, title, currency) select asin, $2, $3, $4 from unnest($1::text[]) as asin',
    [asins, domain, 'as watched', marketplaceOf(domain)?.currency ?? 'EUR'],
  )
}
