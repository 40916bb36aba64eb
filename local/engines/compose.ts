import { join } from 'node:path'
import type { Environment } from '../../lambdas/core/environment.ts'
import { KeeperError } from '../../lambdas/core/errors.ts'
import { type CommandRunner, lastLines, runCommand } from './commands.ts'
import type { EngineOptions, KafkaEngine } from './engine.ts'
import { portFor } from './ports.ts'
import { waitForKafka, waitForPostgres } from './readiness.ts'

const FILE = join(import.meta.dirname, '..', 'docker-compose.yml')

/** A first start downloads 700 MB of images. */
const UP_TIMEOUT_MS = 15 * 60_000
const STOP_TIMEOUT_MS = 60_000
const READY_TIMEOUT_MS = 30_000

/** The services of local/docker-compose.yml, and the port of each in its container. */
const SERVICES = { kafka: 9092, postgres: 5432 } as const
type Service = keyof typeof SERVICES

/** Whether a Docker engine answers and can run compose files, else what is missing. Takes a few seconds at most. */
export async function findDocker(
  environment: Environment,
  run: CommandRunner = runCommand,
): Promise<{ readonly version: string } | { readonly missing: string }> {
  const info = await run('docker', ['info', '--format', '{{.ServerVersion}}'], {
    environment,
    timeoutMs: 4_000,
  })
  if (info.outcome === 'missing') {
    return { missing: 'a Docker engine: there is no docker on PATH. https://docs.docker.com/engine/install/' }
  }
  if (info.outcome === 'timed-out') return { missing: 'a Docker engine: `docker info` does not answer.' }
  const version = info.stdout.trim()
  if (info.code !== 0 || !version) {
    return { missing: `a Docker engine: ${lastLines(info.stderr, 2) || '`docker info` fails.'} Start it.` }
  }
  const compose = await run('docker', ['compose', 'version'], { environment, timeoutMs: 4_000 })
  if (compose.outcome === 'exited' && compose.code === 0) return { version }
  return {
    missing:
      'Docker compose: the Docker engine answers, and `docker compose version` fails. https://docs.docker.com/compose/install/',
  }
}

/**
 * Starts the containers of local/docker-compose.yml that do not run yet; stopping ends only those, and their data
 * stays in named volumes.
 * @throws KeeperError `compose_failed` with Docker's last lines, or as waitForKafka and waitForPostgres
 */
export async function startCompose(options: EngineOptions, run: CommandRunner): Promise<KafkaEngine> {
  const { progress } = options
  const compose = composeCommand(options.environment, run)
  if (options.fresh) await compose(['down', '--volumes'], STOP_TIMEOUT_MS)
  const running = (await compose(['ps', '--services', '--status', 'running'], STOP_TIMEOUT_MS)).split(/\s+/)
  const wanted: readonly Service[] = options.postgres === false ? ['kafka'] : ['kafka', 'postgres']
  const started = wanted.filter((service) => !running.includes(service))

  const portOf = async (service: Service, name: string, preferred: number): Promise<number> => {
    if (started.includes(service)) return portFor(name, preferred, progress)
    const address = await compose(['port', service, String(SERVICES[service])], STOP_TIMEOUT_MS)
    return Number(address.trim().split(':').at(-1))
  }
  const kafkaPort = await portOf('kafka', 'Kafka', options.kafkaPort ?? 9092)
  const postgresPort =
    options.postgres === false
      ? (options.postgresPort ?? 5432)
      : await portOf('postgres', 'Postgres', options.postgresPort ?? 5432)
  const ports = { KAFKA_PORT: String(kafkaPort), POSTGRES_PORT: String(postgresPort) }

  const stop = async () => {
    if (started.length > 0) await compose(['stop', ...started], STOP_TIMEOUT_MS, ports)
  }
  const bootstrapServers = `localhost:${kafkaPort}`
  const databaseUrl = `postgresql://keeper:keeper@localhost:${postgresPort}/keeper`
  progress('Starting Kafka and Postgres in containers (a first start downloads their images).')
  try {
    const services = options.postgres === false ? wanted : []
    await compose(['up', '-d', '--wait', ...services], UP_TIMEOUT_MS, ports)
    await waitForKafka(bootstrapServers, { timeoutMs: READY_TIMEOUT_MS })
    if (options.postgres !== false) await waitForPostgres(databaseUrl, { timeoutMs: READY_TIMEOUT_MS })
  } catch (error) {
    await stop().catch(() => undefined)
    throw error
  }
  return {
    kind: 'compose',
    bootstrapServers,
    databaseUrl: options.postgres === false ? null : databaseUrl,
    stop,
  }
}

/** `docker compose -f local/docker-compose.yml ...`; resolves to its standard output. */
const composeCommand =
  (environment: Environment, run: CommandRunner) =>
  async (args: readonly string[], timeoutMs: number, variables: Environment = {}): Promise<string> => {
    const result = await run('docker', ['compose', '-f', FILE, ...args], {
      environment: { ...environment, ...variables },
      timeoutMs,
    })
    if (result.outcome === 'exited' && result.code === 0) return result.stdout
    const said =
      result.outcome === 'exited'
        ? `It said last:\n${lastLines(result.stdout + result.stderr, 10)}`
        : 'It did not end in time.'
    throw new KeeperError('compose_failed', `\`docker compose ${args.join(' ')}\` failed. ${said}`, {
      retriable: true,
    })
  }
