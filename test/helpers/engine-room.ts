import { mkdir, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import pg from 'pg'
import type { Environment } from '../../lambdas/core/environment.ts'
import { messageOf } from '../../lambdas/core/errors.ts'
import { findJava } from '../../local/engines/java.ts'
import { startBroker } from '../../local/engines/kafka/broker.ts'
import { bringJars } from '../../local/engines/kafka/jars.ts'
import type { ExtraListener } from '../../local/engines/kafka/server-properties.ts'
import { endStale } from '../../local/engines/owned-process.ts'
import { freePort } from '../../local/engines/ports.ts'
import { startServer } from '../../local/engines/postgres/server.ts'
import { commandLine } from '../../local/engines/process-table.ts'
import { brokerRoom } from './broker-room.ts'
import { migrateDatabase } from './migrations.ts'
import { searchRoom } from './search-room.ts'

const LOCAL = join(import.meta.dirname, '..', '..', '.local')
const RUNS = join(LOCAL, 'test')

/** Jars are shared with `npm run local`: Maven brings them once. */
export const KAFKA_DIR = join(LOCAL, 'kafka')

/** The broker and the database of one jest run, started when the first test file asks for them. */
export interface EngineRoom {
  /** Where test files ask: `/kafka`, `/postgres`, `/search/...` (search-room.ts) and `/broker/...` answer with JSON. */
  readonly url: string
  /** Data of everything that this run starts. */
  readonly runDir: string
  close(): Promise<void>
}

/** What a test file is told about Postgres: a server, and a migrated database to copy. */
export interface PostgresAnswer {
  readonly databaseUrl: string
  readonly template: string
}

/**
 * Opens the room in jest's own process, which outlives the workers and whose end, however it comes, ends the engines.
 * TEST_KAFKA_BOOTSTRAP_SERVERS and TEST_DATABASE_URL name engines to use instead.
 */
export async function openEngineRoom(environment: Environment): Promise<EngineRoom> {
  const runDir = join(RUNS, `run-${process.pid}`)
  await removeDeadRuns()
  const stops: (() => Promise<void>)[] = []
  const kafka = once(async () => {
    if (environment.TEST_KAFKA_BOOTSTRAP_SERVERS) {
      return { bootstrapServers: environment.TEST_KAFKA_BOOTSTRAP_SERVERS }
    }
    const broker = await startTestBroker(join(runDir, 'kafka'), environment)
    stops.push(broker.stop)
    return { bootstrapServers: broker.bootstrapServers }
  })
  const postgres = once(async () => {
    let databaseUrl = environment.TEST_DATABASE_URL
    if (!databaseUrl) {
      await mkdir(runDir, { recursive: true })
      const dir = join(runDir, 'postgres')
      const server = await startServer({ dir, port: await freePort(), environment, durability: 'fast' })
      stops.push(server.stop)
      databaseUrl = server.databaseUrl
    }
    const { template, drop } = await makeTemplate(databaseUrl)
    if (environment.TEST_DATABASE_URL) stops.push(drop)
    return { databaseUrl, template } satisfies PostgresAnswer
  })

  const search = searchRoom(join(runDir, 'opensearch'), environment)
  const brokers = brokerRoom(join(runDir, 'brokers'), (dir) => startTestBroker(dir, environment))
  stops.push(search.close, brokers.close)

  const answerTo = (url: string): Promise<unknown> => {
    if (url.startsWith('/search/')) return search.answer(url)
    if (url.startsWith('/broker/')) return brokers.answer(url)
    return url === '/kafka' ? kafka() : postgres()
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

/** A broker that keeps its data in `dir`; on `port` where one is given. */
export async function startTestBroker(
  dir: string,
  environment: Environment,
  port?: number,
  extraListeners: readonly ExtraListener[] = [],
) {
  const jars = await bringJars(KAFKA_DIR, environment, (line) => process.stderr.write(`${line}\n`))
  const java = await findJava(environment)
  if ('missing' in java) throw new Error(`The tests need ${java.missing}`)
  return startBroker({
    dir,
    jars,
    java,
    port: port ?? (await freePort()),
    environment,
    profile: 'quick',
    extraListeners,
  })
}

/** A migrated database that nobody connects to: a test's own is a copy of it, made in a fraction of a second. */
async function makeTemplate(databaseUrl: string): Promise<{ template: string; drop: () => Promise<void> }> {
  const template = `keeper_template_${process.pid}_${Date.now()}`
  const onServer = async (statement: string) => {
    const client = new pg.Client({ connectionString: databaseUrl })
    await client.connect()
    await client.query(statement).finally(() => client.end())
  }
  await onServer(`CREATE DATABASE ${template}`)
  await migrateDatabase(withDatabase(databaseUrl, template))
  return { template, drop: () => onServer(`DROP DATABASE IF EXISTS ${template} WITH (FORCE)`) }
}

/** The URL of another database on the same server. */
export function withDatabase(databaseUrl: string, database: string): string {
  const url = new URL(databaseUrl)
  url.pathname = `/${database}`
  return url.href
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
