import type { Admin, TopicPartitionOffset } from 'kafkajs'
import { idOf } from './committed-topic.ts'

/** Offsets to read from, by partition. */
export type Positions = ReadonlyMap<number, number>

/** Whose committed offsets count, and where to begin without one. */
export interface PositionsOf {
  readonly topic: string
  readonly groupId: string
  readonly partitions: readonly number[]
  readonly topicId: string
  readonly starts: readonly TopicPartitionOffset[]
}

/**
 * Where partitions are to be read: at what the group has committed, else where the mapping begins, else at the oldest
 * record. An offset that was committed for an earlier topic of the same name does not count.
 */
export async function readPositions(
  admin: Admin,
  { topic, groupId, partitions, topicId, starts }: PositionsOf,
): Promise<{ readonly positions: Positions; readonly isRecreated: boolean }> {
  await admin.connect()
  const [group] = await admin.fetchOffsets({ groupId, topics: [topic] })
  const committed = new Map(group?.partitions.map((one) => [one.partition, one]))
  const begin = new Map(starts.map(({ partition, offset }) => [partition, Number(offset)]))
  const isStale = (partition: number): boolean =>
    (idOf(committed.get(partition)?.metadata) ?? topicId) !== topicId
  const positionOf = (partition: number): number => {
    if (isStale(partition)) return 0
    const offset = Number(committed.get(partition)?.offset ?? -1)
    return offset >= 0 ? offset : (begin.get(partition) ?? 0)
  }
  return {
    positions: new Map(partitions.map((partition) => [partition, positionOf(partition)])),
    isRecreated: partitions.some(isStale),
  }
}

/** The oldest records, whatever their offsets are: Kafka has none at 0 once retention has deleted it. */
export const fromTheOldest = (partitions: readonly number[]): Positions =>
  new Map(partitions.map((partition) => [partition, 0]))

export async function oldestOffset(admin: Admin, topic: string, partition: number): Promise<number> {
  await admin.connect()
  const offsets = await admin.fetchTopicOffsets(topic)
  return Number(offsets.find((one) => one.partition === partition)?.low ?? 0)
}
