import type pg from 'pg'
import { consume } from '../lambdas/core/consuming/consume.ts'
import type { Consumer, PricedEvent } from '../lambdas/core/consuming/consumer.ts'
import type { MskEvent } from '../lambdas/core/kafka/msk-event.ts'

/** Invokes a consumer with one event after the other, as its handler does, on the one connection of its pool. */
export async function consumeAll<Event extends PricedEvent>(
  pool: pg.Pool,
  consumer: Consumer<Event>,
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
