import type pg from 'pg'
import { forward } from '../../lambdas/core/consuming/forward.ts'
import type { ConsumeDependencies } from '../../lambdas/core/consuming/invocation.ts'
import type { AcceptedRecord, Counts } from '../../lambdas/core/consuming/topic-consumer.ts'
import type { TopicForwarder } from '../../lambdas/core/consuming/topic-forwarder.ts'
import { createLogger, type LogFields } from '../../lambdas/core/logger.ts'
import type { Consumed } from './consuming.ts'
import { mskEvent, type TestRecord } from './msk-events.ts'

/** Invokes a forwarder's core with records of its topic, as its handler does. */
export async function forwardRecords<Accepted extends AcceptedRecord>(
  pool: pg.Pool,
  consumer: TopicForwarder<Accepted>,
  records: readonly TestRecord[],
  overrides: Partial<ConsumeDependencies> = {},
): Promise<Consumed> {
  const logged: LogFields[] = []
  let metrics: Counts = {}
  const response = await forward(mskEvent(consumer.topic.name, records), consumer, {
    pool,
    log: createLogger({}, (line) => logged.push(JSON.parse(line))),
    emitMetrics: (values) => {
      metrics = values
    },
    deadlineMs: Date.now() + 30_000,
    onFailure: 'report-partitions',
    ...overrides,
  })
  return { response, metrics, logged }
}
