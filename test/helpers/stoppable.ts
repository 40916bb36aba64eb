import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ExtraListener } from '../../local/engines/kafka/server-properties.ts'
import { freePort } from '../../local/engines/ports.ts'
import { startServer } from '../../local/engines/postgres/server.ts'
import { startTestBroker } from './engine-room.ts'
import { runDir } from './engines.ts'
import { migrateDatabase } from './migrations.ts'

/** An engine of one test file that can be down for a while. It comes back on the same port with the same data. */
export interface Stoppable {
  /** Starts it where it is down; resolves when it serves what it has. */
  start(): Promise<void>
  /** An orderly stop; resolves when the process ended. */
  stop(): Promise<void>
  /** Ends it as a crash does (SIGKILL). */
  crash(): Promise<void>
  /** Lets all its processes stand still (SIGSTOP), with their connections open, until `resume`. */
  pause(): Promise<void>
  resume(): Promise<void>
  /** Stops it and deletes its data; call it in `afterAll`. */
  dispose(): Promise<void>
}

interface Running {
  readonly pid: number
  stop(): Promise<void>
}

/**
 * A broker that crashed may not register again until the session of the one before is over: 9 s by default.
 * https://kafka.apache.org/41/configuration/broker-configs/
 */
const SOON_BACK = { 'broker.session.timeout.ms': '2000', 'broker.heartbeat.interval.ms': '500' }

/**
 * A broker of the test file's own, running.
 * @param extraListeners ways in besides the one at `bootstrapServers`
 */
export async function stoppableBroker(
  extraListeners: readonly ExtraListener[] = [],
): Promise<Stoppable & { readonly bootstrapServers: string; readonly dir: string }> {
  const port = await freePort()
  const dir = await ownDir('kafka')
  const options = { port, extraListeners, settings: SOON_BACK }
  const engine = stoppable(dir, () => startTestBroker(dir, process.env, options))
  await engine.start()
  return { ...engine, dir, bootstrapServers: `localhost:${port}` }
}

/** A Postgres of the test file's own, running, with a migrated database. Commits survive a crash. */
export async function stoppablePostgres(): Promise<Stoppable & { readonly databaseUrl: string }> {
  const port = await freePort()
  const dir = join(await ownDir('postgres'), 'data')
  let databaseUrl = ''
  const engine = stoppable(join(dir, '..'), async () => {
    const server = await startServer({ dir, port, environment: process.env })
    databaseUrl = server.databaseUrl
    return server
  })
  await engine.start()
  await migrateDatabase(databaseUrl)
  return { ...engine, databaseUrl }
}

function stoppable(dir: string, begin: () => Promise<Running>): Stoppable {
  let running: Running | undefined
  const stop = async () => {
    await running?.stop()
    running = undefined
  }
  return {
    start: async () => {
      running ??= await begin()
    },
    stop,
    crash: async () => {
      if (running) process.kill(running.pid, 'SIGKILL')
      await stop()
    },
    pause: async () => signal(await family(running?.pid), 'SIGSTOP'),
    resume: async () => signal(await family(running?.pid), 'SIGCONT'),
    dispose: async () => {
      await stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** A new folder of this run, deleted with it. */
export async function ownDir(name: string): Promise<string> {
  const dir = join(runDir(), `${name}-${randomBytes(4).toString('hex')}`)
  await mkdir(dir, { recursive: true })
  return dir
}

/** A process and those that it has started. */
export async function family(pid: number | undefined): Promise<readonly number[]> {
  if (pid === undefined) return []
  const { stdout } = await promisify(execFile)('pgrep', ['-P', String(pid)]).catch(() => ({ stdout: '' }))
  const children = await Promise.all(stdout.split('\n').filter(Boolean).map(Number).map(family))
  return [pid, ...children.flat()]
}

/** To those that are still there. */
export function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name)
    } catch {
      // It has ended meanwhile.
    }
  }
}
