import { setTimeout as sleep } from 'node:timers/promises'
import { Kafka, logLevel } from 'kafkajs'
import pg from 'pg'
import { KeeperError, messageOf } from '../../lambdas/core/errors.ts'
import { probeBrokers } from '../../lambdas/core/kafka/connection-errors.ts'

/** How long to wait, and what ends the wait before that: a broker that died needs no more asking. */
export interface WaitOptions {
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

/**
 * Waits until Kafka's brokers answer at the addresses that they advertise. A wrong listener is reported at once: no
 * wait mends it.
 * @throws KeeperError `kafka_wrong_listener` or `kafka_unreachable`
 */
export async function waitForKafka(bootstrapServers: string, options: WaitOptions): Promise<void> {
  await poll(options, async () => {
    const kafka = new Kafka({
      brokers: bootstrapServers.split(',').map((server) => server.trim()),
      connectionTimeout: 2_000,
      requestTimeout: 5_000,
      logLevel: logLevel.NOTHING,
      retry: { retries: 0 },
    })
    if ((await probeBrokers(kafka.admin({ retry: { retries: 0 } }), bootstrapServers)) === 0) {
      throw new KeeperError('kafka_unreachable', `Kafka at ${bootstrapServers} has no broker yet.`, {
        retriable: true,
      })
    }
  })
}

/**
 * Waits until the brokers lead all partitions that they have: one that has come back answers before that.
 * @throws KeeperError `kafka_unreachable`
 */
export async function waitForLeaders(bootstrapServers: string, options: WaitOptions): Promise<void> {
  await poll(options, async () => {
    const kafka = new Kafka({ brokers: bootstrapServers.split(','), logLevel: logLevel.NOTHING })
    const admin = kafka.admin({ retry: { retries: 0 } })
    try {
      await admin.connect()
      // Metadata may speak of leaders that do not know it yet; the ends of a partition only its leader gives.
      for (const topic of await admin.listTopics()) await admin.fetchTopicOffsets(topic)
    } catch (error) {
      throw new KeeperError(
        'kafka_unreachable',
        `Kafka at ${bootstrapServers} does not lead its partitions: ${messageOf(error)}`,
        { cause: error, retriable: true },
      )
    } finally {
      await admin.disconnect()
    }
  })
}

/**
 * Waits until Postgres takes a query.
 * @throws KeeperError `postgres_unreachable`, without the password of the URL
 */
export async function waitForPostgres(databaseUrl: string, options: WaitOptions): Promise<void> {
  await poll(options, async () => {
    const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 2_000 })
    client.on('error', () => undefined)
    try {
      await client.connect()
      await client.query('SELECT 1')
    } catch (error) {
      const reason = messageOf(error)
      throw new KeeperError(
        'postgres_unreachable',
        `Postgres cannot be reached at ${withoutPassword(databaseUrl)}: ${reason}`,
        { cause: error, retriable: true },
      )
    } finally {
      await client.end().catch(() => undefined)
    }
  })
}

/** A database URL as it may be shown. */
export function withoutPassword(databaseUrl: string): string {
  if (!URL.canParse(databaseUrl)) return 'a DATABASE_URL that is no URL'
  const url = new URL(databaseUrl)
  if (url.password) url.password = '***'
  if (url.searchParams.has('password')) url.searchParams.set('password', '***')
  return url.href
}

/** Repeats an attempt until it succeeds, the time is over or waiting is of no use. */
export async function poll({ timeoutMs, signal }: WaitOptions, attempt: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      const isFinal = error instanceof KeeperError && error.code === 'kafka_wrong_listener'
      if (isFinal || signal?.aborted || Date.now() >= deadline) throw error
    }
    await sleep(100)
  }
}
