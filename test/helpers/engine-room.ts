import { readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Environment } from '../../lambdas/core/environment.ts'
import { messageOf } from '../../lambdas/core/errors.ts'
import { findJava } from '../../local/engines/java.ts'
import { type BrokerOptions, startBroker } from '../../local/engines/kafka/broker.ts'
import { bringJars } from '../../local/engines/kafka/jars.ts'
import { endStale } from '../../local/engines/owned-process.ts'
import { freePort } from '../../local/engines/ports.ts'
import { commandLine } from '../../local/engines/process-table.ts'
import { brokerRoom } from './broker-room.ts'
import { postgresRoom } from './postgres-room.ts'
import { searchRoom } from './search-room.ts'

const LOCAL = join(import.meta.dirname, '..', '..', '.local')
const RUNS = join(LOCAL, 'test')

/** Jars are shared with `npm run local`: Maven brings them once. */
export const KAFKA_DIR = join(LOCAL, 'kafka')

/** The broker and the database of one jest run, started when the first test file asks for them. */
export interface EngineRoom {
  /** Where test files ask: `/kafka...`, `/postgres...`, `/search/...` and `/broker/...` (the rooms) answer with JSON. */
  readonly url: string
  /** Data of everything that this run starts. */
  readonly runDir: string
  close(): Promise<void>
}

/** The broker that the run itself has started: its folder is `kafka` in the run's. */
export interface OwnKafka {
  readonly bootstrapServers: string
  /** A second way in, which sends its clients on to kafka.invalid:29092, a name that nobody knows. */
  readonly wrongListener: string
}

/**
 * Opens the room in jest's own process, which outlives the workers and whose end, however it comes, ends the engines.
 * TEST_KAFKA_BOOTSTRAP_SERVERS and TEST_DATABASE_URL name engines to use instead.
 */
export async function openEngineRoom(environment: Environment): Promise<EngineRoom> {
  const runDir = join(RUNS, `run-${process.pid}`)
  await removeDeadRuns()
  const stops: (() => Promise<void>)[] = []
  const ownKafka = once(async (): Promise<OwnKafka> => {
    const listener = { name: 'ELSEWHERE', port: await freePort(), advertised: 'kafka.invalid:29092' }
    const broker = await startTestBroker(join(runDir, 'kafka'), environment, { extraListeners: [listener] })
    stops.push(broker.stop)
    return { bootstrapServers: broker.bootstrapServers, wrongListener: `localhost:${listener.port}` }
  })
  const given = environment.TEST_KAFKA_BOOTSTRAP_SERVERS
  const kafka = async (path: string) =>
    given && path === '/kafka' ? { bootstrapServers: given } : ownKafka()
  const postgres = postgresRoom(join(runDir, 'postgres'), environment)
  const search = searchRoom(join(runDir, 'opensearch'), environment)
  const brokers = brokerRoom(join(runDir, 'brokers'), (dir) => startTestBroker(dir, environment))
  stops.push(postgres.close, search.close, brokers.close)

  const answerTo = (url: string): Promise<unknown> => {
    if (url.startsWith('/kafka')) return kafka(url)
    if (url.startsWith('/search/')) return search.answer(url)
    if (url.startsWith('/broker/')) return brokers.answer(url)
    return postgres.answer(url)
  }

  const server = createServer((request, response) => {
    // A connection that is kept would be closed while a busy worker asks the next question on it.
    response.setHeader('connection', 'close')
    answerTo(request.url ?? '').then(
      (value) => response.end(JSON.stringify(value)),
      (error: unknown) => response.writeHead(500).end(messageOf(error)),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  server.unref()
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    runDir,
    close: async () => {
      server.close()
      server.closeAllConnections()
      await Promise.all(stops.map((stop) => stop()))
      await rm(runDir, { recursive: true, force: true })
    },
  }
}

/** A broker that keeps its data in `dir`. */
export async function startTestBroker(
  dir: string,
  environment: Environment,
  options: Pick<BrokerOptions, 'extraListeners' | 'settings'> & { readonly port?: number } = {},
) {
  const jars = await bringJars(KAFKA_DIR, environment, (line) => process.stderr.write(`${line}\n`))
  const java = await findJava(environment)
  if ('missing' in java) throw new Error(`The tests need ${java.missing}`)
  const port = options.port ?? (await freePort())
  return startBroker({ ...options, dir, jars, java, port, environment, profile: 'quick' })
}

/** What runs that were killed left behind. Another run on this checkout may be going on: its folder stays. */
async function removeDeadRuns(): Promise<void> {
  for (const run of await readdir(RUNS).catch(() => [])) {
    const pid = Number(/^run-(\d+)$/.exec(run)?.[1])
    if ((await commandLine(pid))?.includes('jest') && pid !== process.pid) continue
    const dir = join(RUNS, run)
    const files = await readdir(dir, { recursive: true }).catch(() => [])
    for (const file of files) if (file.endsWith('.pid')) await endStale(join(dir, file))
    await rm(dir, { recursive: true, force: true })
  }
}

/** The same promise for everyone who asks, begun by the first. */
function once<T>(start: () => Promise<T>): () => Promise<T> {
  let started: Promise<T> | undefined
  return () => {
    started ??= start()
    return started
  }
}
