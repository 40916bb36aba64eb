import type { Admin } from 'kafkajs'

/** Where a consumer group is in a partition, in offsets. */
export interface GroupPosition {
  readonly partition: number
  /** Of the record that will be written next. */
  readonly end: number
  /** Whether the group has committed anything of it. */
  readonly isCommitted: boolean
  /** Where the group resumes: what it has committed, else the oldest record. */
  readonly next: number
}

/** What the group has not done with. */
export const lagOf = ({ end, next }: GroupPosition): number => Math.max(end - next, 0)

/** Asks Kafka where a group is in a topic; throws what Kafka throws. */
export async function groupPositions(
  admin: Admin,
  topic: string,
  groupId: string,
): Promise<readonly GroupPosition[]> {
  const [ends, groups] = await Promise.all([
    admin.fetchTopicOffsets(topic),
    admin.fetchOffsets({ groupId, topics: [topic] }),
  ])
  const committed = new Map(groups[0]?.partitions.map(({ partition, offset }) => [partition, Number(offset)]))
  return ends.map(({ partition, high, low }) => {
    const offset = committed.get(partition) ?? -1
    return {
      partition,
      end: Number(high),
      isCommitted: offset >= 0,
      // Retention may have deleted what the group has not read.
      next: Math.max(offset, Number(low)),
    }
  })
}
