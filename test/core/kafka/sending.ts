import { Kafka, type KafkaConfig, logLevel } from 'kafkajs'
import { type KafkaWith, type SentRecord, TopicProducer } from '../../../lambdas/core/kafka/topic-producer.ts'
import type { StoredMessage } from '../../helpers/kafka.ts'

const opened: TopicProducer[] = []

/** A producer with the time limits of createKafka, which says nothing; closed by closeProducers. */
export function openProducer(
  bootstrapServers: string,
  topic: string,
  kafka: KafkaWith = (retry) => quietKafka(bootstrapServers, { retry }),
): TopicProducer {
  const producer = new TopicProducer(kafka, topic, bootstrapServers)
  opened.push(producer)
  return producer
}

export const quietKafka = (bootstrapServers: string, options: Partial<KafkaConfig> = {}): Kafka =>
  new Kafka({
    brokers: bootstrapServers.split(','),
    connectionTimeout: 3_000,
    requestTimeout: 10_000,
    logLevel: logLevel.NOTHING,
    ...options,
  })

/** For afterEach. */
export const closeProducers = () => Promise.all(opened.splice(0).map((producer) => producer.disconnect()))

/** What lies at a place of the log, as text; undefined where nothing does. */
export const textAt = (stored: readonly StoredMessage[], place: SentRecord): string | undefined =>
  stored
    .find(({ partition, offset }) => partition === place.partition && offset === place.offset)
    ?.value?.toString()

export const textsOf = (stored: readonly StoredMessage[]): (string | undefined)[] =>
  stored.map(({ value }) => value?.toString())
