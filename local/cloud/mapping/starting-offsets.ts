import type { Kafka, TopicPartitionOffset } from 'kafkajs'
import type { MappingResource } from './mapping-resource.ts'

/**
 * Where a mapping begins to read the partitions that its group has no committed offset of. The oldest record needs no
 * offset. https://docs.aws.amazon.com/lambda/latest/dg/kafka-starting-positions.html
 */
export async function startingOffsets(
  kafka: Kafka,
  { topic, consumerGroupId, startingPosition, startingTimestampSeconds = 0 }: MappingResource,
): Promise<readonly TopicPartitionOffset[]> {
  if (startingPosition === 'TRIM_HORIZON') return []
  const admin = kafka.admin()
  await admin.connect()
  try {
    const [committed] = await admin.fetchOffsets({ groupId: consumerGroupId, topics: [topic] })
    const known = (committed?.partitions ?? []).filter(({ offset }) => Number(offset) >= 0)
    const starts =
      startingPosition === 'LATEST'
        ? await admin.fetchTopicOffsets(topic)
        : await admin.fetchTopicOffsetsByTimestamp(topic, startingTimestampSeconds * 1000)
    return starts
      .filter((start) => !known.some(({ partition }) => partition === start.partition))
      .map(({ partition, offset }) => ({ topic, partition, offset }))
  } finally {
    await admin.disconnect()
  }
}
