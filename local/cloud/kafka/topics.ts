import { setTimeout as sleep } from 'node:timers/promises'
import type { Admin, ITopicConfig } from 'kafkajs'
import { CloudError, messageOf } from '../cloud-error.ts'
import type { TopicResource } from './topic-resource.ts'

/**
 * Makes the template's topics, adds partitions where the template has more, and sets their configuration. One broker
 * is all there is here, so each partition has one replica. A topic never loses partitions: Kafka cannot take them away.
 * @throws CloudError `topics_not_made` with Kafka's reasons
 */
export async function createTopics(admin: Admin, topics: readonly TopicResource[]): Promise<void> {
  try {
    await makeAndUpdate(admin, topics)
  } catch (error) {
    const errors = (error as { errors?: readonly unknown[] }).errors ?? [error]
    throw new CloudError(
      'topics_not_made',
      `Kafka does not take the topics ${topics.map(({ name }) => name).join(', ')}: ${errors.map(reasonOf).join('; ')}`,
      { cause: error },
    )
  }
}

/** kafkajs says which topic of several beside the message. */
function reasonOf(error: unknown): string {
  const topic = (error as { topic?: unknown }).topic
  return topic === undefined ? messageOf(error) : `${topic}: ${messageOf(error)}`
}

/** How long brokers may take to serve a new topic. */
const SERVED_MS = 30_000

/**
 * Makes topics and waits until the brokers serve them. A broker hears of them from its controller a moment later than
 * the client does; kafkajs's own wait (waitForLeaders) takes that moment for an error.
 * @throws what Kafka says of topics that it does not take
 */
export async function makeTopics(admin: Admin, topics: readonly ITopicConfig[]): Promise<void> {
  await admin.createTopics({ topics: [...topics], waitForLeaders: false })
  const endMs = Date.now() + SERVED_MS
  for (const { topic } of topics) {
    while (!(await isServed(admin, topic))) {
      if (Date.now() > endMs) throw new Error(`${topic}: no broker serves it after ${SERVED_MS / 1000} s`)
      await sleep(50)
    }
  }
}

const NOT_YET = ['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE', 'NOT_LEADER_FOR_PARTITION']

/** Whether the ends of its partitions can be asked for: metadata may speak of partitions that their broker has not. */
async function isServed(admin: Admin, topic: string): Promise<boolean> {
  try {
    return (await admin.fetchTopicOffsets(topic)).length > 0
  } catch (error) {
    if (NOT_YET.includes(String((error as { type?: unknown }).type))) return false
    throw error
  }
}

async function makeAndUpdate(admin: Admin, topics: readonly TopicResource[]): Promise<void> {
  const existing = new Set(await admin.listTopics())
  const missing = topics.filter(({ name }) => !existing.has(name))
  await makeTopics(
    admin,
    missing.map(({ name, partitions, configs }) => ({
      topic: name,
      numPartitions: partitions,
      replicationFactor: 1,
      configEntries: entriesOf(configs),
    })),
  )
  for (const topic of topics.filter(({ name }) => existing.has(name))) await updateTopic(admin, topic)
}

async function updateTopic(admin: Admin, { name, partitions, configs }: TopicResource): Promise<void> {
  const metadata = await admin.fetchTopicMetadata({ topics: [name] })
  const actual = metadata.topics[0]?.partitions.length ?? 0
  if (actual < partitions) {
    await admin.createPartitions({ topicPartitions: [{ topic: name, count: partitions }] })
  }
  await admin.alterConfigs({
    validateOnly: false,
    // 2 is a topic, among Kafka's types of resources.
    resources: [{ type: 2, name, configEntries: entriesOf(configs) }],
  })
}

const entriesOf = (configs: Readonly<Record<string, string>>) =>
  Object.entries(configs).map(([name, value]) => ({ name, value }))
