import { randomBytes } from 'node:crypto'
import {
  type Admin,
  type IHeaders,
  Kafka,
  type KafkaMessage,
  logLevel,
  type Message,
  Partitioners,
  type RecordMetadata,
} from 'kafkajs'
import { type GroupOffsets, setOffsets } from '../../lambdas/operator/kafka/set-offsets.ts'
import { makeTopics } from '../../local/cloud/kafka/topics.ts'
import { askForKafka } from './engines.ts'

/** A message as it lies in a topic. */
export interface StoredMessage {
  readonly partition: number
  readonly offset: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: IHeaders
  /** Milliseconds since 1970. */
  readonly timestamp: string
}

/** Kafka for one test file. */
export interface TestKafka {
  readonly bootstrapServers: string
  /** For clients of the test's own. */
  readonly kafka: Kafka
  readonly admin: Admin
  /** Makes a topic that no other test has; its name begins with `name`. */
  freshTopic(name?: string, options?: { partitions?: number }): Promise<string>
  /** Sends messages and waits for all acknowledgements. */
  produce(topic: string, messages: readonly Message[]): Promise<RecordMetadata[]>
  /** Commits offsets for a group that nobody reads with. */
  setOffsets(offsets: GroupOffsets): Promise<void>
  /** Every message of a topic, by partition, then offset. */
  readAll(topic: string): Promise<StoredMessage[]>
  /** Disconnects; call it in `afterAll`. */
  close(): Promise<void>
}

/**
 * A client of the run's broker, which starts with the first call of the run.
 * @param bootstrapServers another broker, such as a stoppable one
 */
export async function testKafka(bootstrapServers?: string): Promise<TestKafka> {
  const servers = bootstrapServers ?? (await askForKafka()).bootstrapServers
  const kafka = new Kafka({
    clientId: 'test',
    brokers: servers.split(','),
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 50, retries: 10 },
  })
  const admin = kafka.admin()
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await Promise.all([admin.connect(), producer.connect()])
  return {
    bootstrapServers: servers,
    kafka,
    admin,
    freshTopic: async (name = 'topic', { partitions = 3 } = {}) => {
      const topic = `${name}-${randomBytes(5).toString('hex')}`
      await makeTopics(admin, [{ topic, numPartitions: partitions }])
      return topic
    },
    produce: (topic, messages) => producer.send({ topic, messages: [...messages], acks: -1 }),
    setOffsets: (offsets) => setOffsets(kafka, offsets),
    readAll: (topic) => readAll(kafka, admin, topic),
    close: async () => {
      await Promise.all([admin.disconnect(), producer.disconnect()])
    },
  }
}

async function readAll(kafka: Kafka, admin: Admin, topic: string): Promise<StoredMessage[]> {
  const ends = new Map<number, bigint>()
  for (const { partition, high, low } of await admin.fetchTopicOffsets(topic)) {
    if (BigInt(high) > BigInt(low)) ends.set(partition, BigInt(high))
  }
  if (ends.size === 0) return []
  const groupId = `read-all-${randomBytes(5).toString('hex')}`
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100 })
  const found: StoredMessage[] = []
  let timer: NodeJS.Timeout | undefined
  await consumer.connect()
  try {
    await consumer.subscribe({ topic, fromBeginning: true })
    await new Promise<void>((resolve, reject) => {
      // A broker that has just started is still loading its groups: the consumer then starts over by itself.
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        if (!payload.restart) reject(payload.error)
      })
      timer = setTimeout(() => reject(new Error(`Not all of ${topic} came within 90 s.`)), 90_000)
      consumer
        .run({
          autoCommit: false,
          eachBatch: async ({ batch }) => {
            const end = ends.get(batch.partition)
            if (end === undefined) return
            for (const message of batch.messages) {
              if (BigInt(message.offset) < end) found.push(stored(batch.partition, message))
            }
            if (BigInt(batch.lastOffset()) + 1n >= end) ends.delete(batch.partition)
            if (ends.size === 0) resolve()
          },
        })
        .catch(reject)
    })
  } finally {
    clearTimeout(timer)
    await consumer.disconnect()
    await admin.deleteGroups([groupId]).catch(() => undefined)
  }
  return found.sort((a, b) => a.partition - b.partition || Number(BigInt(a.offset) - BigInt(b.offset)))
}

const stored = (partition: number, message: KafkaMessage): StoredMessage => ({
  partition,
  offset: message.offset,
  key: message.key,
  value: message.value,
  headers: message.headers ?? {},
  timestamp: message.timestamp,
})
