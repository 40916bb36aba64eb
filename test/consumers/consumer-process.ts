import { priceConsumer } from '../../lambdas/consumers/price-consumer/price-consumer.ts'
import { createPool } from '../../lambdas/core/postgres/pool.ts'
import { consumeRecords } from '../helpers/consuming.ts'
import type { TestRecord } from '../helpers/msk-events.ts'

/** The price consumer in a process of its own: `node consumer-process.ts <database> <records>`; says when it would answer. */
const [databaseUrl = '', records = '[]'] = process.argv.slice(2)
const pool = createPool({ DATABASE_URL: databaseUrl, DATABASE_AUTHENTICATION: 'password' })
await consumeRecords(pool, priceConsumer, JSON.parse(records) as TestRecord[])
console.log('answers')
setInterval(() => undefined, 60_000)
