import { ENVIRONMENT } from '../../lambdas/core/environment.ts'
import { KeeperError } from '../../lambdas/core/errors.ts'
import type { EngineOptions, KafkaEngine } from './engine.ts'
import { waitForKafka, waitForPostgres, withoutPassword } from './readiness.ts'
import { startEngine } from './start-engine.ts'

/** How long engines that somebody else may be starting right now are waited for. */
const TIMEOUT_MS = 30_000

/**
 * Starts, or finds, a Kafka for an app that need not have a Postgres: the one that KAFKA_BOOTSTRAP_SERVERS names, else
 * one in a container, else one of this machine. A DATABASE_URL is used as it is; without it a Postgres is started where
 * `postgres` asks for one.
 * @throws KeeperError as startEngine
 */
export async function startKafka(options: EngineOptions): Promise<KafkaEngine> {
  const { environment, progress, kind } = options
  const databaseUrl = environment[ENVIRONMENT.databaseUrl]?.trim() || null
  const bootstrapServers = environment[ENVIRONMENT.bootstrapServers]?.trim()
  const own = options.postgres !== false && databaseUrl === null
  if (own) return startEngine(options)
  if (databaseUrl !== null) {
    progress(`Waiting for Postgres at ${withoutPassword(databaseUrl)}.`)
    await waitForPostgres(databaseUrl, { timeoutMs: TIMEOUT_MS })
  }
  if (kind === 'external' || (kind === undefined && bootstrapServers)) {
    if (!bootstrapServers) {
      throw new KeeperError(
        'engine_settings_missing',
        `The external engine is the one that ${ENVIRONMENT.bootstrapServers} names: set it.`,
      )
    }
    progress(`Waiting for Kafka at ${bootstrapServers}.`)
    await waitForKafka(bootstrapServers, { timeoutMs: TIMEOUT_MS })
    return { kind: 'external', bootstrapServers, databaseUrl, stop: async () => undefined }
  }
  const engine = await startEngine({ ...options, postgres: false })
  return { ...engine, databaseUrl: databaseUrl ?? engine.databaseUrl }
}
