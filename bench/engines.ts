import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import * as ENVIRONMENT from '../lambdas/core/environment-names.ts'
import type { Engine } from '../local/engines/engine.ts'
import { addressOf } from '../local/engines/service.ts'
import { startEngine } from '../local/engines/start-engine.ts'
import type { Engines } from './measure.ts'

/** As a db.t4g.medium has it, the size small: a quarter of its memory, which is RDS's default, and our own parameter. */
const SETTINGS = ["shared_buffers = '1GB'", "max_wal_size = '4GB'"]

/**
 * Starts empty engines for the benches alone: Postgres durable, with the settings of an instance of size small. Where
 * DATABASE_URL names a Postgres, that one is used as it is set: its user may make databases, and those of the benches
 * are called bench_*.
 */
export async function startBenchEngines(
  progress: (line: string) => void,
): Promise<Engines & { stop(): Promise<void> }> {
  const stateDir = join(import.meta.dirname, '..', '.local', 'bench')
  await mkdir(stateDir, { recursive: true })
  const services = ['kafka', 'postgres'] as const
  const options = { stateDir, services, kind: 'embedded', environment: process.env, progress } as const
  const databaseUrl = process.env[ENVIRONMENT.databaseUrl]
  if (databaseUrl)
    return benchEngines(await startEngine({ ...options, given: { postgres: databaseUrl }, fresh: true }))
  const first = await startEngine({ ...options, fresh: true })
  const client = new pg.Client({ connectionString: addressOf(first, 'postgres') })
  await client.connect()
  for (const setting of SETTINGS) await client.query(`alter system set ${setting}`)
  await client.end()
  await first.stop()
  return benchEngines(await startEngine({ ...options, fresh: false }))
}

const benchEngines = (engine: Engine): Engines & { stop(): Promise<void> } => ({
  bootstrapServers: addressOf(engine, 'kafka'),
  databaseUrl: addressOf(engine, 'postgres'),
  stop: engine.stop,
})

/** Which Postgres it is, and how far its compiler optimized it where the user may know. */
export async function postgresOf({ databaseUrl }: Engines): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    const { rows } = await client.query<{ version: string; flags: string | null }>(
      `select current_setting('server_version') as version, case
         when has_function_privilege('pg_config()', 'execute')
         then (select setting from pg_config where name = 'CFLAGS')
       end as flags`,
    )
    const [{ version = '', flags = null } = {}] = rows
    return [version, flags?.match(/-O\w+/)?.[0]].filter(Boolean).join(' ')
  } finally {
    await client.end()
  }
}
