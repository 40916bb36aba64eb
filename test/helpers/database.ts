import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { withDatabase } from './engine-room.ts'
import { askForPostgres } from './engines.ts'

/** A database of one test, with every migration applied and no rows. */
export interface FreshDatabase {
  readonly url: string
  readonly pool: pg.Pool
  /**
   * Ends the pool and drops the database. Call it in `afterEach`: it throws where a client was not given back, or a
   * connection was not closed, so the test that leaked it fails.
   * @param patienceMs how long server processes may outlive their closed connections on a busy machine
   */
  drop(patienceMs?: number): Promise<void>
}

/** A database as it is now, in another one, as a restored backup is. Connections to the first one end. */
export const copyOf = ({ url }: FreshDatabase): Promise<FreshDatabase> =>
  freshDatabase(decodeURIComponent(new URL(url).pathname.slice(1)))

/** Makes a database of its own for a test: a copy of the migrated template, or of another database. */
export async function freshDatabase(original?: string): Promise<FreshDatabase> {
  const { databaseUrl, template } = await askForPostgres()
  const name = `test_${randomBytes(6).toString('hex')}`
  const onServer = async (statement: string, values: unknown[] = []) => {
    const client = new pg.Client({ connectionString: databaseUrl })
    await client.connect()
    return client
      .query<{ application_name: string; query: string }>(statement, values)
      .finally(() => client.end())
  }
  if (original)
    await onServer('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [original])
  await onServer(`CREATE DATABASE ${name} TEMPLATE ${original ?? template} STRATEGY FILE_COPY`)
  const url = withDatabase(databaseUrl, name)
  const pool = new pg.Pool({ connectionString: url, application_name: 'freshDatabase pool', pipeline: true })
  // Tests restart servers and drop databases under idle clients.
  pool.on('error', () => undefined)

  const connected = () =>
    onServer(
      `SELECT application_name, query FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'`,
      [name],
    )
  const drop = async (patienceMs = 20_000) => {
    const held = pool.totalCount - pool.idleCount
    const ended = pool.end()
    if (held === 0) await ended
    const endMs = Date.now() + patienceMs
    let open = (await connected()).rows
    while (held === 0 && open.length > 0 && Date.now() < endMs) {
      await sleep(25)
      open = (await connected()).rows
    }
    await onServer(`DROP DATABASE ${name} WITH (FORCE)`)
    if (open.length === 0) return
    const list = open
      .map((row) => `  ${row.application_name || 'a connection'}, last: ${row.query}`)
      .join('\n')
    throw new Error(
      `The test leaked ${open.length} database connection(s): release the client, or end the pool.\n${list}`,
    )
  }
  return { url, pool, drop }
}

/** Halts the server process behind a pool's one connection, as a dead network does: the connection stays, silent. */
export async function haltedBackend(pool: pg.Pool): Promise<{ readonly pid: number; wake(): void }> {
  const { rows } = await pool.query<{ pid: number }>('select pg_backend_pid() as pid')
  const pid = rows[0]?.pid ?? 0
  process.kill(pid, 'SIGSTOP')
  const wake = () => {
    try {
      process.kill(pid, 'SIGCONT')
    } catch {
      // It noticed that its client is gone, and ended.
    }
  }
  return { pid, wake }
}
