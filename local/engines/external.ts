import { ENVIRONMENT, type Environment } from '../../lambdas/core/environment.ts'
import { KeeperError } from '../../lambdas/core/errors.ts'
import type { Engine, EngineOptions } from './engine.ts'
import { waitForKafka, waitForPostgres, withoutPassword } from './readiness.ts'

/** How long engines that somebody else may be starting right now are waited for. */
const TIMEOUT_MS = 30_000

/** The addresses of a Kafka and a Postgres of the user's own; undefined unless both are set. */
export function externalSettings(
  environment: Environment,
): { bootstrapServers: string; databaseUrl: string } | undefined {
  const bootstrapServers = environment[ENVIRONMENT.bootstrapServers]?.trim()
  const databaseUrl = environment[ENVIRONMENT.databaseUrl]?.trim()
  return bootstrapServers && databaseUrl ? { bootstrapServers, databaseUrl } : undefined
}

/**
 * Waits for the engines that the environment names. They are not ours: stopping does nothing, and data stays.
 * @throws KeeperError `engine_settings_missing`, or as waitForKafka and waitForPostgres
 */
export async function startExternal({ environment, fresh, progress }: EngineOptions): Promise<Engine> {
  const settings = externalSettings(environment)
  if (!settings) {
    throw new KeeperError(
      'engine_settings_missing',
      `The external engine is the one that ${ENVIRONMENT.bootstrapServers} and ${ENVIRONMENT.databaseUrl} name: set both.`,
    )
  }
  const { bootstrapServers, databaseUrl } = settings
  if (fresh) progress('The data of an external engine is left as it is.')
  progress(`Waiting for Kafka at ${bootstrapServers} and Postgres at ${withoutPassword(databaseUrl)}.`)
  await Promise.all([
    waitForKafka(bootstrapServers, { timeoutMs: TIMEOUT_MS }),
    waitForPostgres(databaseUrl, { timeoutMs: TIMEOUT_MS }),
  ])
  return { kind: 'external', bootstrapServers, databaseUrl, stop: async () => undefined }
}
