import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Environment } from '../../lambdas/core/environment.ts'
import { KeeperError } from '../../lambdas/core/errors.ts'
import { type CommandRunner, lastLines, runCommand } from './commands.ts'
import { bringPlugins } from './connect/plugins.ts'
import type { Engine, EngineOptions } from './engine.ts'
import type { ServiceName } from './service.ts'
import { servicePort } from './service-port.ts'
import { SERVICES, titlesOf } from './services.ts'

const FILE = join(import.meta.dirname, '..', 'docker-compose.yml')

/** A first start downloads 700 MB of images. */
const UP_TIMEOUT_MS = 15 * 60_000
const STOP_TIMEOUT_MS = 60_000
const READY_TIMEOUT_MS = 30_000

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
 * stays in named volumes. Each state folder has a project, so containers and data, of its own.
 * @throws KeeperError `compose_failed` with Docker's last lines, or as the services' `waitFor`; `connect-sink_jars_failed`
 */
export async function startCompose(options: EngineOptions, run: CommandRunner): Promise<Engine> {
  const { progress, services } = options
  const compose = composeCommand(options, run)
  if (options.fresh) await compose(['down', '--volumes'], STOP_TIMEOUT_MS)
  const running = (await compose(['ps', '--services', '--status', 'running'], STOP_TIMEOUT_MS)).split(/\s+/)
  const started = services.filter((name) => !running.includes(name))

  const portOf = async (name: ServiceName): Promise<number> => {
    if (started.includes(name)) return servicePort(name, options)
    const address = await compose(['port', name, String(SERVICES[name].port)], STOP_TIMEOUT_MS)
    return Number(address.trim().split(':').at(-1))
  }
  const ports: (readonly [ServiceName, number])[] = []
  for (const name of services) ports.push([name, await portOf(name)])
  const addresses = Object.fromEntries(ports.map(([name, port]) => [name, SERVICES[name].addressAt(port)]))
  const variables: Record<string, string> = Object.fromEntries(
    ports.map(([name, port]) => [`${name.toUpperCase()}_PORT`, String(port)]),
  )
  if (services.includes('connect')) variables.CONNECT_PLUGINS = await bringPlugins(options)

  const stop = async () => {
    if (started.length > 0) await compose(['stop', ...started], STOP_TIMEOUT_MS, variables)
  }
  progress(`Starting ${titlesOf(services)} in containers (a first start downloads their images).`)
  try {
    await compose(['up', '-d', '--wait', ...services], UP_TIMEOUT_MS, variables)
    await Promise.all(
      services.map((name) => SERVICES[name].waitFor(addresses[name] ?? '', { timeoutMs: READY_TIMEOUT_MS })),
    )
  } catch (error) {
    await stop().catch(() => undefined)
    throw error
  }
  return { kind: 'compose', addresses, stop }
}

/** The compose project of a state folder. https://docs.docker.com/compose/how-tos/project-name/ */
export const projectOf = (stateDir: string): string =>
  `keeper-${createHash('sha256').update(stateDir).digest('hex').slice(0, 12)}`

/** `docker compose --project-name ... --file local/docker-compose.yml ...`; resolves to its standard output. */
const composeCommand =
  ({ stateDir, environment }: EngineOptions, run: CommandRunner) =>
  async (args: readonly string[], timeoutMs: number, variables: Environment = {}): Promise<string> => {
    const whole = ['compose', '--project-name', projectOf(stateDir), '--file', FILE, ...args]
    // A service of a profile is started only where it is named; with its profile it can also be stopped and deleted.
    const result = await run('docker', whole, {
      environment: { ...environment, COMPOSE_PROFILES: 'search,connect', ...variables },
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
