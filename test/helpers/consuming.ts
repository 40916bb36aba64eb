import type pg from 'pg'
import { consume } from '../../lambdas/core/consuming/consume.ts'
import type { BatchResponse, ConsumeDependencies } from '../../lambdas/core/consuming/invocation.ts'
import type { AcceptedRecord, TopicConsumer } from '../../lambdas/core/consuming/topic-consumer.ts'
import { createLogger, type LogFields } from '../../lambdas/core/logger.ts'
import type { MetricName } from '../../lambdas/core/metrics.ts'
import { mskEvent, type TestRecord } from './msk-events.ts'

/** What one invocation of a consumer answered, logged and counted. */
export interface Consumed {
  readonly response: BatchResponse
  readonly metrics: Partial<Record<MetricName, number>>
  readonly logged: readonly LogFields[]
}

/** Invokes a consumer's core with records of its topic, as its handler does. */
export async function consumeRecords<Accepted extends AcceptedRecord>(
  pool: pg.Pool,
  consumer: TopicConsumer<Accepted>,
  records: readonly TestRecord[],
  overrides: Partial<ConsumeDependencies> = {},
): Promise<Consumed> {
  const logged: LogFields[] = []
  const metrics: Partial<Record<MetricName, number>> = {}
  const response = await consume(mskEvent(consumer.topic.name, records), consumer, {
    pool,
    log: createLogger({}, (line) => logged.push(JSON.parse(line))),
    emitMetrics: (values) => {
      for (const [name, value] of Object.entries(values) as [MetricName, number][]) {
        metrics[name] = (metrics[name] ?? 0) + value
      }
    },
    deadlineMs: Date.now() + 30_000,
    onFailure: 'throw',
    ...overrides,
  })
  return { response, metrics, logged }
}
