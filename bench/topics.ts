import { Kafka } from 'kafkajs'
import { makeTopics } from '../local/cloud/kafka/topics.ts'

/** Topics of a bench, and a quiet client for them. */
export interface BenchTopics {
  readonly kafka: Kafka
  /** Makes a topic that was not there, and gives its name; `codec` is how the broker compresses it. */
  fresh(partitions: number, codec?: string): Promise<string>
  delete(topic: string): Promise<void>
  /** Deletes the topics that are left, and disconnects. */
  close(): Promise<void>
}

export async function benchTopics(bootstrapServers: string, name: string): Promise<BenchTopics> {
  const kafka = new Kafka({
    clientId: 'bench',
    brokers: bootstrapServers.split(','),
    logCreator: () => () => undefined,
  })
  const admin = kafka.admin()
  await admin.connect()
  const topics = new Set<string>()
  let made = 0
  const remove = async (topic: string) => {
    topics.delete(topic)
    await admin.deleteTopics({ topics: [topic] })
  }
  return {
    kafka,
    fresh: async (partitions, codec = 'producer') => {
      made += 1
      const topic = `${name}-${process.pid}-${made}`
      const configEntries = [{ name: 'compression.type', value: codec }]
      await makeTopics(admin, [{ topic, numPartitions: partitions, configEntries }])
      topics.add(topic)
      return topic
    },
    delete: remove,
    close: async () => {
      for (const topic of topics) await remove(topic)
      await admin.disconnect()
    },
  }
}
