import { ConfigResourceTypes } from 'kafkajs'
import { integer, maxValue, minLength, minValue, number, object, pipe, regex, string } from 'valibot'
import { KeeperError } from '../../core/errors.ts'
import { nearest } from '../nearest.ts'
import { type OperatorDependencies, operation } from '../operation.ts'

/** https://kafka.apache.org/41/configuration/topic-configs/: letters, digits, `.`, `_` and `-`, at most 249. */
export const topicName = pipe(
  string('a topic is a string'),
  minLength(1, 'name a topic'),
  regex(/^[\w.-]{1,249}$/, 'a topic has at most 249 letters, digits, ".", "_" and "-"'),
)

const count = (what: string) =>
  pipe(
    number(`${what} is a number`),
    integer(`${what} is a whole number`),
    minValue(1, `${what} is at least 1`),
    maxValue(10_000, `${what} is at most 10000`),
  )

/** A partition of a topic, and the offsets that it has. */
export interface PartitionDescription {
  readonly partition: number
  /** The broker that leads it; -1 where it has none. */
  readonly leader: number
  readonly replicas: readonly number[]
  readonly inSync: readonly number[]
  /** The oldest offset that is left, as text: offsets are 64 bits. */
  readonly start: string
  /** The offset that the next record gets. */
  readonly end: string
}

export interface TopicDescription {
  readonly topic: string
  readonly partitions: readonly PartitionDescription[]
  /** What differs from the broker's defaults, or was set for the topic. */
  readonly config: Readonly<Record<string, string>>
}

export interface TopicSummary {
  readonly topic: string
  readonly partitions: number
  readonly replicas: number
  /** Offsets between the oldest record and the end: more than the records where some were compacted or aborted. */
  readonly records: number
}

export const listTopics = operation({
  access: 'read',
  does: 'Lists the topics, with partitions, replicas and records.',
  input: object({}),
  run: async (_, { admin }): Promise<TopicSummary[]> => {
    const client = await admin()
    const { topics } = await client.fetchTopicMetadata()
    const shown = topics.filter(({ name }) => !name.startsWith('__'))
    const summaries = await Promise.all(
      shown.map(async ({ name, partitions }) => ({
        topic: name,
        partitions: partitions.length,
        replicas: partitions[0]?.replicas.length ?? 0,
        records: sumOf(await client.fetchTopicOffsets(name)),
      })),
    )
    return summaries.toSorted((a, b) => a.topic.localeCompare(b.topic))
  },
})

export const describeTopic = operation({
  access: 'read',
  does: 'Describes a topic: partitions, leaders, replicas, offsets and settings.',
  input: object({ topic: topicName }),
  run: async ({ topic }, dependencies): Promise<TopicDescription> => {
    const metadata = await metadataOf(topic, dependencies)
    const client = await dependencies.admin()
    const offsets = await client.fetchTopicOffsets(topic)
    const { resources } = await client.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: ConfigResourceTypes.TOPIC, name: topic }],
    })
    const entries = resources[0]?.configEntries ?? []
    return {
      topic,
      partitions: metadata
        .map(({ partitionId, leader, replicas, isr }) => {
          const at = offsets.find(({ partition }) => partition === partitionId)
          return {
            ...{ partition: partitionId, leader, replicas, inSync: isr },
            ...{ start: at?.low ?? '0', end: at?.high ?? '0' },
          }
        })
        .toSorted((a, b) => a.partition - b.partition),
      config: Object.fromEntries(
        entries
          .filter(({ isDefault, configSource }) => !isDefault && configSource === TOPIC_SETTING)
          .map(({ configName, configValue }) => [configName, configValue]),
      ),
    }
  },
})

/** DYNAMIC_TOPIC_CONFIG of Kafka's DescribeConfigs: https://kafka.apache.org/41/design/protocol/ */
const TOPIC_SETTING = 1

export const countRecords = operation({
  access: 'read',
  does: "Counts a topic's records, by the offsets of each partition.",
  input: object({ topic: topicName }),
  run: async ({ topic }, dependencies) => {
    await metadataOf(topic, dependencies)
    const offsets = await (await dependencies.admin()).fetchTopicOffsets(topic)
    const partitions = offsets
      .map(({ partition, low, high }) => ({
        partition,
        start: low,
        end: high,
        records: Number(BigInt(high) - BigInt(low)),
      }))
      .toSorted((a, b) => a.partition - b.partition)
    return { topic, records: sumOf(offsets), partitions }
  },
})

export const createTopic = operation({
  access: 'change',
  does: 'Creates a topic. Where it is there already with as many partitions, nothing changes.',
  input: object({
    topic: topicName,
    partitions: count('partitions'),
    replicationFactor: count('replicationFactor'),
  }),
  run: async ({ topic, partitions, replicationFactor }, { admin }) => {
    const client = await admin()
    const isNew = await client
      .createTopics({
        topics: [{ topic, numPartitions: partitions, replicationFactor }],
        waitForLeaders: false,
      })
      .catch((error: unknown) => {
        throw refusalOf(topic, error)
      })
    if (isNew) return { topic, created: true }
    const { topics } = await client.fetchTopicMetadata({ topics: [topic] })
    const there = topics[0]?.partitions.length ?? 0
    if (there === partitions) return { topic, created: false }
    throw new KeeperError('topic_exists', `${topic} is there already, with ${there} partitions.`)
  },
})

/** The partitions of a topic that is there. */
export async function metadataOf(topic: string, { admin }: OperatorDependencies) {
  const client = await admin()
  const names = await client.listTopics()
  if (!names.includes(topic)) {
    const like = nearest(
      topic,
      names.filter((name) => !name.startsWith('__')),
    )
    const hint = like.length > 0 ? `; topics near it: ${like.join(', ')}` : ''
    throw new KeeperError('no_such_topic', `There is no topic ${topic}${hint}.`)
  }
  const { topics } = await client.fetchTopicMetadata({ topics: [topic] })
  return topics[0]?.partitions ?? []
}

/** What Kafka said of a topic that it does not create: kafkajs gathers it in an aggregate. */
function refusalOf(topic: string, error: unknown): unknown {
  const [first] = (error as { errors?: readonly { type?: string; message: string }[] }).errors ?? []
  return first ? new KeeperError('topic_refused', `Kafka does not create ${topic}: ${first.message}.`) : error
}

const sumOf = (offsets: readonly { low: string; high: string }[]): number =>
  offsets.reduce((total, { low, high }) => total + Number(BigInt(high) - BigInt(low)), 0)
