import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { KeeperError } from '../../lambdas/core/errors.ts'
import type { EngineOptions, KafkaEngine } from './engine.ts'
import { endStaleBroker, startBroker } from './kafka/broker.ts'
import { bringJars, existingJars } from './kafka/jars.ts'
import { findJava, findMaven, type Java } from './kafka/java.ts'
import { portFor } from './ports.ts'
import { eraseData } from './postgres/places.ts'
import { findPrograms } from './postgres/programs.ts'
import { endStaleServer, startServer } from './postgres/server.ts'
import { serverUser } from './postgres/server-user.ts'

/** What the embedded engine needs of the machine. */
export interface Prerequisites {
  readonly java: Java
}

/** Looks for all of it, so that one message can name everything that is missing. */
export async function findPrerequisites({
  stateDir,
  environment,
  postgres = true,
}: EngineOptions): Promise<Prerequisites | { readonly missing: readonly string[] }> {
  const needsMaven = (await existingJars(join(stateDir, 'kafka'))) === undefined
  const [java, maven, programs] = await Promise.all([
    findJava(environment),
    needsMaven ? findMaven(environment) : undefined,
    postgres ? findPostgres() : undefined,
  ])
  const missing = [java, maven, programs].flatMap((found) =>
    found && 'missing' in found ? [found.missing] : [],
  )
  return missing.length > 0 || 'missing' in java ? { missing } : { java }
}

const findPostgres = () =>
  serverUser()
    .then(findPrograms)
    .catch((error: unknown) => {
      if (error instanceof KeeperError) return { missing: error.message }
      throw error
    })

/**
 * Starts Kafka and Postgres as processes of this machine, with their data in the state folder. What a killed run left
 * behind is ended first.
 * @throws KeeperError `engine_already_running`, `kafka_jars_failed`, `kafka_not_started` or `postgres_not_started`
 */
export async function startEmbedded(options: EngineOptions, { java }: Prerequisites): Promise<KafkaEngine> {
  const { stateDir, environment, progress } = options
  const kafkaDir = join(stateDir, 'kafka')
  const postgresDir = join(stateDir, 'postgres')
  const ended = [await endStaleBroker(kafkaDir), await endStaleServer(postgresDir)]
  if (ended.includes(true)) progress('Ended what an earlier run had left behind.')
  if (options.fresh) {
    await rm(join(kafkaDir, 'data'), { recursive: true, force: true })
    await eraseData(postgresDir, await serverUser())
  }
  const jars = await bringJars(kafkaDir, environment, progress)
  const kafkaPort = await portFor('Kafka', options.kafkaPort ?? 9092, progress)
  if (options.postgres === false) {
    progress('Starting Kafka on this machine.')
    const { bootstrapServers, stop } = await startBroker({
      dir: kafkaDir,
      jars,
      java,
      port: kafkaPort,
      environment,
    })
    return { kind: 'embedded', bootstrapServers, databaseUrl: null, stop }
  }
  const postgresPort = await portFor('Postgres', options.postgresPort ?? 5432, progress)
  progress('Starting Kafka and Postgres on this machine.')
  const [kafka, postgres] = await Promise.allSettled([
    startBroker({ dir: kafkaDir, jars, java, port: kafkaPort, environment }),
    startServer({ dir: postgresDir, port: postgresPort, environment }),
  ])
  if (kafka.status === 'rejected' || postgres.status === 'rejected') {
    if (kafka.status === 'fulfilled') await kafka.value.stop()
    if (postgres.status === 'fulfilled') await postgres.value.stop()
    throw kafka.status === 'rejected' ? kafka.reason : (postgres as PromiseRejectedResult).reason
  }
  return {
    kind: 'embedded',
    bootstrapServers: kafka.value.bootstrapServers,
    databaseUrl: postgres.value.databaseUrl,
    stop: async () => {
      await Promise.all([kafka.value.stop(), postgres.value.stop()])
    },
  }
}
