import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import type { Engine } from '../local/engines/engine.ts'
import { startEngine } from '../local/engines/start-engine.ts'

/** A quarter of the memory of a db.t4g.medium, the size small: what RDS gives Postgres unless told otherwise. */
const SHARED_BUFFERS = '1GB'

/** Starts empty engines for the benches alone: Postgres durable, with the buffers of an instance of size small. */
export async function startBenchEngines(progress: (line: string) => void): Promise<Engine> {
  const stateDir = join(import.meta.dirname, '..', '.local', 'bench')
  await mkdir(stateDir, { recursive: true })
  const options = { stateDir, kind: 'embedded', environment: process.env, progress } as const
  const first = await startEngine({ ...options, fresh: true })
  const client = new pg.Client({ connectionString: first.databaseUrl })
  await client.connect()
  await client.query(`alter system set shared_buffers = '${SHARED_BUFFERS}'`)
  await client.end()
  await first.stop()
  return startEngine({ ...options, fresh: false })
}
