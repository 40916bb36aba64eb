import { parentPort, workerData } from 'node:worker_threads'
import { dealConsumer } from '../lambdas/consumers/deal-consumer/deal-consumer.ts'
import { priceConsumer } from '../lambdas/consumers/price-consumer/price-consumer.ts'
import type { MskEvent } from '../lambdas/core/kafka/msk-event.ts'
import { createPool } from '../lambdas/core/postgres/pool.ts'
import { consumeAll } from './consume-all.ts'

/** What the thread's consumer reads at the next `consume`. The thread answers each message when it is done. */
export interface ConsumerInput {
  readonly kind: 'price' | 'deal'
  readonly events: readonly MskEvent[]
}

// Started by consumers.ts.
const { databaseUrl } = workerData as { readonly databaseUrl: string }
const pool = createPool({ DATABASE_URL: databaseUrl, DATABASE_AUTHENTICATION: 'password' })
let input: ConsumerInput = { kind: 'price', events: [] }

parentPort?.on('message', async (message: ConsumerInput | 'consume') => {
  if (message !== 'consume') {
    input = message
  } else if (input.kind === 'deal') {
    await consumeAll(pool, dealConsumer, input.events)
  } else {
    await consumeAll(pool, priceConsumer, input.events)
  }
  parentPort?.postMessage('done')
})
