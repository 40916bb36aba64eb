import type pg from 'pg'
import { consume } from '../lambdas/core/consuming/consume.ts'
import type { AcceptedRecord, TopicConsumer } from '../lambdas/core/consuming/topic-consumer.ts'
import type { MskEvent } from '../lambdas/core/kafka/msk-event.ts'

/** Invokes a consumer with one event after the other, as its handler does, on the one connection of its pool. */
export async function consumeAll<Accepted extends AcceptedRecord>(
  pool: pg.Pool,
  consumer: TopicConsumer<Accepted>,
  batches: readonly MskEvent[],
): Promise<void> {
  for (const batch of batches) {
    await consume(batch, consumer, {
      pool,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      emitMetrics: () => undefined,
      deadlineMs: Date.now() + 600_000,
      onFailure: 'throw',
    })
  }
}
