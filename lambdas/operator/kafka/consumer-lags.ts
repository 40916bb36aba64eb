import type { Admin } from 'kafkajs'
import { KeeperError } from '../../core/errors.ts'
import type { Topic } from '../../core/topics.ts'
import * as TOPICS from '../../core/topics.ts'
import type { OperatorDependencies } from '../operation.ts'

/** How far a consumer of Keeper's is behind, and who is in its group. */
export interface ConsumerLag {
  /** `price-consumer` */
  readonly consumer: string
  readonly topic: string
  readonly group: string
  /** Records left to read; all of the topic where the group has committed nothing. */
  readonly lag: number
  readonly members: readonly { readonly clientId: string; readonly host: string }[]
}

/** Consumers that there are only where a part is on. */
const OPTIONAL: Readonly<Record<string, (on: Pick<OperatorDependencies, 'openSearch'>) => boolean>> = {
  'search-indexer': ({ openSearch }) => openSearch !== undefined,
}

/** The lag of every consumer of `lambdas/core/topics.ts` that runs. */
export async function consumerLags(
  admin: Admin,
  on: Pick<OperatorDependencies, 'openSearch'>,
): Promise<ConsumerLag[]> {
  const topics: readonly Topic[] = Object.values(TOPICS)
  const consumers = topics.flatMap(({ name: topic, groups }) =>
    Object.entries(groups)
      .filter(([consumer]) => OPTIONAL[consumer]?.(on) ?? true)
      .map(([consumer, group]) => ({ consumer, topic, group })),
  )
  const [described, lags] = await Promise.all([
    admin.describeGroups(consumers.map(({ group }) => group)),
    Promise.all(consumers.map(({ topic, group }) => lagOf(admin, topic, group))),
  ])
  return consumers.map((consumer, index) => ({
    ...consumer,
    lag: lags[index] ?? 0,
    members: (described.groups.find(({ groupId }) => groupId === consumer.group)?.members ?? []).map(
      ({ clientId, clientHost }) => ({ clientId, host: clientHost }),
    ),
  }))
}

async function lagOf(admin: Admin, topic: string, groupId: string): Promise<number> {
  const [ends, committed] = await Promise.all([
    admin.fetchTopicOffsets(topic).catch((error: unknown) => {
      throw missing(error) ? new KeeperError('no_such_topic', `There is no topic ${topic}.`) : error
    }),
    admin.fetchOffsets({ groupId, topics: [topic] }),
  ])
  const offsets = new Map(committed[0]?.partitions.map(({ partition, offset }) => [partition, offset]))
  return ends.reduce((sum, { partition, low, high }) => {
    const next = BigInt(offsets.get(partition) ?? -1)
    const from = next < BigInt(low) ? BigInt(low) : next
    return sum + Math.max(0, Number(BigInt(high) - from))
  }, 0)
}

const missing = (error: unknown): boolean =>
  (error as { type?: string }).type === 'UNKNOWN_TOPIC_OR_PARTITION'
