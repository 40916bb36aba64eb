import { parentPort, workerData } from 'node:worker_threads'
import { dealConsumer } from '../lambdas/consumers/deal-consumer/deal-consumer.ts'
import { priceConsumer } from '../lambdas/consumers/price-consumer/price-consumer.ts'
import type { MskEvent } from '../lambdas/core/kafka/msk-event.ts'
import { createPool } from '../lambdas/core/postgres/pool.ts'
import { consumeAll } from './consume-all.ts'

/** What a consumer's thread is to do when it is told to; it answers each message once it is done with it. */
export interface Work {
  readonly kind: 'price' | 'deal'
  readonly events: readonly MskEvent[]
}

// Started by consumers.ts.
const { databaseUrl } = workerData as { readonly databaseUrl: string }
const pool = createPool({ DATABASE_URL: databaseUrl, DATABASE_AUTHENTICATION: 'password' })
let work: Work = { kind: 'price', events: [] }

parentPort?.on('message', async (message: Work | 'consume') => {
  if (message !== 'consume') {
    work = message
  } else if (work.kind === 'deal') {
    await consumeAll(pool, dealConsumer, work.events)
  } else {
    await consumeAll(pool, priceConsumer, work.events)
  }
  parentPort?.postMessage('done')
})
