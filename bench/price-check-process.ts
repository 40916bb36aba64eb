import { Kafka } from 'kafkajs'
import { PriceUpdateProducer } from '../lambdas/core/kafka/price-update-producer.ts'
import { quietTimeoutWarning } from '../lambdas/core/kafka/quiet-timeout-warning.ts'
import { TopicProducer } from '../lambdas/core/kafka/topic-producer.ts'
import { createKeepaClient } from '../lambdas/core/keepa/client.ts'
import { createPool } from '../lambdas/core/postgres/pool.ts'
import { runPriceCheck } from '../lambdas/producers/price-check/run-price-check.ts'
import { peakKibibytes } from '../local/cloud/lambda/runtime/peak-memory.ts'
import { timed } from './measure.ts'

/**
 * One price check in a process of its own, as in a new execution environment:
 * `node bench/price-check-process.ts <database> <market> <bootstrap servers> <topic>`. Prints a PriceCheckRun.
 */
export interface PriceCheckRun {
  readonly sent: number
  readonly ms: number
  /** The most memory that the process had at any time: its resident set. */
  readonly peakMegabytes: number
  /** Of all its threads. */
  readonly cpuSeconds: number
}

quietTimeoutWarning()
const [databaseUrl = '', marketUrl = '', bootstrapServers = '', topic = ''] = process.argv.slice(2)
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }
const pool = createPool({
  DATABASE_URL: databaseUrl,
  DATABASE_AUTHENTICATION: 'password',
  KEEPER_FUNCTION: 'bench',
})
const kafka = new Kafka({
  clientId: 'bench',
  brokers: bootstrapServers.split(','),
  logCreator: () => () => undefined,
})
const topicProducer = new TopicProducer(() => kafka, topic, bootstrapServers)
const dependencies = {
  pool,
  keepa: createKeepaClient({ apiKey: 'bench', baseUrl: marketUrl }),
  producer: new PriceUpdateProducer(topicProducer),
  log: silent,
  deadlineMs: Date.now() + 600_000,
}

const before = process.cpuUsage()
let sent = 0
const ms = await timed(async () => {
  const report = await runPriceCheck({}, dependencies)
  if (
    'skipped' in report ||
    report.end !== 'finished' ||
    report.notSent.length + report.notChecked.length > 0
  )
    throw new Error(JSON.stringify(report).slice(0, 500))
  sent = report.sent
})
const { user, system } = process.cpuUsage(before)
const run: PriceCheckRun = {
  sent,
  ms,
  peakMegabytes: (peakKibibytes() * 1_024) / 1_000_000,
  cpuSeconds: (user + system) / 1e6,
}
console.log(JSON.stringify(run))
await topicProducer.disconnect()
await pool.end()
process.exit()
