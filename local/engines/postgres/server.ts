import { chown, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import type { Environment } from '../../../lambdas/core/environment.ts'
import { KeeperError } from '../../../lambdas/core/errors.ts'
import { lastLines, runCommand } from '../commands.ts'
import { endStale, startOwned } from '../owned-process.ts'
import { commandLine } from '../process-table.ts'
import { waitForPostgres } from '../readiness.ts'
import { dataPlace, makeOwned } from './places.ts'
import { findPrograms, type Programs } from './programs.ts'
import { type ServerUser, serverUser } from './server-user.ts'

/** User, password and database of every local Postgres, as in local/docker-compose.yml. */
const NAME = 'keeper'
const START_TIMEOUT_MS = 30_000

/** How safely commits are stored: `durable` as a database should, `fast` for tests that throw the data away. */
export type Durability = 'durable' | 'fast'

/** A PostgreSQL 18 of our own. */
export interface ServerOptions {
  /** The data folder; its log and pid file are next to it, in `dir` with `.log` and `.pid`. */
  readonly dir: string
  readonly port: number
  readonly environment: Environment
  readonly durability?: Durability
}

/** A running server. */
export interface Server {
  readonly databaseUrl: string
  readonly pid: number
  stop(): Promise<void>
}

/** The process that an earlier run may have left on `dir` is ended. Data stays. */
export const endStaleServer = (dir: string): Promise<boolean> => endStale(`${dir}.pid`)

/**
 * Starts Postgres on `dir`, making the data folder and the database `keeper` where they are not there yet.
 * @throws KeeperError `postgres_not_started` with the end of its log
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { dir, port, environment, durability = 'durable' } = options
  const user = await serverUser()
  const programs = await findPrograms(user)
  await endStaleServer(dir)
  const data = await dataPlace(dir, user)
  await initialise(data, programs, user, options)
  await removeStaleLock(data)

  const logFile = `${dir}.log`
  const server = await startOwned({
    name: 'Postgres',
    command: programs.postgres,
    args: ['-D', data, ...flags({ port, durability })],
    environment: { ...environment, LC_ALL: 'C' },
    user,
    logFile,
    pidFile: `${dir}.pid`,
    mark: `-D ${data} `,
    // Fast shutdown: open transactions are rolled back. https://www.postgresql.org/docs/18/server-shutdown.html
    stopSignal: 'SIGINT',
    stopTimeoutMs: 15_000,
  })
  const urlOf = (database: string) => `postgresql://${NAME}:${NAME}@127.0.0.1:${port}/${database}`
  const died = new AbortController()
  void server.exited.then(() => died.abort())
  try {
    await waitForPostgres(urlOf('postgres'), { timeoutMs: START_TIMEOUT_MS, signal: died.signal })
    await makeDatabase(urlOf('postgres'))
  } catch (cause) {
    const how = died.signal.aborted ? 'ended while it started' : 'runs and does not answer'
    await server.stop()
    const log = lastLines(await readFile(logFile, 'utf8').catch(() => ''), 15)
    throw new KeeperError(
      'postgres_not_started',
      `Postgres ${how}. Its log (${logFile}) ends with:\n${log}`,
      {
        cause,
        retriable: true,
      },
    )
  }
  return { databaseUrl: urlOf(NAME), pid: server.pid, stop: server.stop }
}

/** Vacuum would read again and again what is about to be deleted, and give plans that depend on when it came. */
const FAST = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'autovacuum=off']

/** Passwords are hashed once instead of 4096 times, which was half of the time that a connection takes. */
const FAST_INIT = ['--no-sync', '--set=scram_iterations=1']

const flags = ({ port, durability }: { port: number; durability: Durability }): string[] => {
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=100',
    'timezone=UTC',
    'log_timezone=UTC',
    ...(durability === 'fast' ? FAST : []),
  ]
  return settings.flatMap((setting) => ['-c', setting])
}

/** Makes the data folder under another name first: one that was cut short is never taken for a whole one. */
async function initialise(
  data: string,
  { initdb }: Programs,
  user: ServerUser | undefined,
  { environment, durability }: ServerOptions,
): Promise<void> {
  if (await isWhole(data)) return
  const partial = `${data}.partial`
  const passwordFile = `${data}.password`
  await makeOwned(partial, user)
  await writeFile(passwordFile, NAME, { mode: 0o600 })
  if (user) await chown(passwordFile, user.uid, user.gid)
  const args = [
    `--pgdata=${partial}`,
    `--username=${NAME}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    ...(durability === 'fast' ? FAST_INIT : []),
  ]
  const result = await runCommand(initdb, args, {
    environment: { ...environment, LC_ALL: 'C' },
    timeoutMs: 60_000,
    user,
  })
  await rm(passwordFile, { force: true })
  if (result.outcome !== 'exited' || result.code !== 0) {
    const said = result.outcome === 'exited' ? lastLines(result.stdout + result.stderr, 8) : result.outcome
    throw new KeeperError('postgres_not_started', `Postgres could not make its data folder ${data}:\n${said}`)
  }
  await rename(partial, data)
}

/** @throws KeeperError `postgres_data_version` where another major version made the folder */
async function isWhole(data: string): Promise<boolean> {
  const version = await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => undefined)
  if (version === undefined || version.trim() === '18') return version !== undefined
  throw new KeeperError(
    'postgres_data_version',
    `${data} holds data of PostgreSQL ${version.trim()}, and this is 18. Start with --fresh.`,
  )
}

/** After the machine went down, another program may have the pid in Postgres's lock file, and Postgres would refuse. */
async function removeStaleLock(data: string): Promise<void> {
  const lock = join(data, 'postmaster.pid')
  const pid = Number((await readFile(lock, 'utf8').catch(() => '')).split('\n')[0])
  if (pid && !(await commandLine(pid))?.includes(data)) await rm(lock, { force: true })
}

async function makeDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [NAME])
    if (rowCount === 0) await client.query(`CREATE DATABASE ${NAME}`)
  } finally {
    await client.end()
  }
}
