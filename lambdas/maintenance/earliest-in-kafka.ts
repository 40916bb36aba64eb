import type { Environment } from '../core/environment.ts'
import { createKafka } from '../core/kafka/client.ts'
import { quietTimeoutWarning } from '../core/kafka/quiet-timeout-warning.ts'
import type { Logger } from '../core/logger.ts'
import * as TOPICS from '../core/topics.ts'

/** The oldest record that Kafka still has of a partition: a replay brings back this one and later ones, and none before. */
export interface EarliestOffset {
  readonly topic: string
  readonly partition: number
  readonly earliest: number
}

/**
 * Asks Kafka for the earliest offsets of the topics that prices come from.
 * @throws kafkajs's error where it does not answer
 */
export async function earliestInKafka(
  environment: Environment,
  log: Logger,
): Promise<readonly EarliestOffset[]> {
  quietTimeoutWarning()
  const admin = createKafka(environment, log, { retries: 2 }).admin()
  await admin.connect()
  try {
    const found = await Promise.all(
      [TOPICS.prices, TOPICS.deals].map(async ({ name }) =>
        (await admin.fetchTopicOffsets(name)).map(({ partition, low }) => ({
          topic: name,
          partition,
          earliest: Number(low),
        })),
      ),
    )
    return found.flat()
  } finally {
    await admin.disconnect()
  }
}
