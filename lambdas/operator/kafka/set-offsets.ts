import type { Kafka, SeekEntry } from 'kafkajs'
import { KeeperError } from '../../core/errors.ts'

/** Where a group is to read next. */
export interface GroupOffsets {
  readonly groupId: string
  readonly topic: string
  readonly partitions: readonly SeekEntry[]
}

/**
 * Commits offsets for a group that nobody reads with, by joining it. kafkajs's `admin.setOffsets` does the same, and sleeps
 * for 5 s before it leaves: its consumer has nothing to fetch.
 * @throws KeeperError `group_active` where the group has members
 */
export async function setOffsets(kafka: Kafka, { groupId, topic, partitions }: GroupOffsets): Promise<void> {
  const consumer = kafka.consumer({ groupId, allowAutoTopicCreation: false, maxWaitTimeInMs: 50 })
  await consumer.connect()
  try {
    const { state } = await consumer.describeGroup()
    if (state !== 'Empty' && state !== 'Dead') throw groupActive(groupId, 'new')
    await consumer.subscribe({ topic, fromBeginning: true })
    await new Promise<void>((resolve, reject) => {
      // Offsets that were sought are committed before the first fetch.
      consumer.on(consumer.events.FETCH, () => resolve())
      consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
        if (!restart) reject(error)
      })
      consumer.run({ eachBatchAutoResolve: false, eachBatch: async () => undefined }).catch(reject)
      consumer.pause([{ topic }])
      for (const place of partitions) consumer.seek({ topic, ...place })
    })
  } finally {
    await consumer.disconnect()
  }
}

/** @param how how many members, or that they are new */
export const groupActive = (group: string, how: string): KeeperError =>
  new KeeperError(
    'group_active',
    `${group} has ${how} members: stop them first (disable the event source mapping), or they would commit over the reset.`,
  )
