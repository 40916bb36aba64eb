import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { askForPostgres, giveDatabaseBack, takeDatabase } from './engines.ts'
import { withDatabase } from './postgres-room.ts'
import { emptied } from './used-database.ts'

/** A database of one test, with every migration applied and no rows. */
export interface FreshDatabase {
  readonly url: string
  readonly pool: pg.Pool
  /**
   * Ends the pool; the database is gone, or empty again for another test. Call it in `afterEach`: it throws where a client was not given back, or a
   * connection was not closed, so the test that leaked it fails.
   * @param patienceMs how long server processes may outlive their closed connections on a busy machine
   */
  drop(patienceMs?: number): Promise<void>
}

/** A database as it is now, in another one, as a restored backup is. Connections to the first one end. */
export const copyOf = ({ url }: FreshDatabase): Promise<FreshDatabase> =>
  freshDatabase(decodeURIComponent(new URL(url).pathname.slice(1)))

/**
 * Gives a test a database of its own: a copy of the migrated template, or of another database. One in which a test changed
 * rows only is emptied and given to the next test, which takes a tenth of the time of a copy (used-database.ts).
 */
export async function freshDatabase(original?: string): Promise<FreshDatabase> {
  const {
    databaseUrl,
    template,
    definition,
    name: used,
  } = await (original ? { ...(await askForPostgres()), name: null } : takeDatabase())
  const name = used ?? `test_${randomBytes(6).toString('hex')}`
  const onServer = async (statement: string, values: unknown[] = []) => {
    const client = new pg.Client({ connectionString: databaseUrl })
    await client.connect()
    return client.query<Connected>(statement, values).finally(() => client.end())
  }
  if (original)
    await onServer('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [original])
  if (!used) await onServer(`CREATE DATABASE ${name} TEMPLATE ${original ?? template} STRATEGY FILE_COPY`)
  const url = withDatabase(databaseUrl, name)
  const pool = new pg.Pool({ connectionString: url, application_name: 'freshDatabase pool', pipeline: true })
  // Tests restart servers and drop databases under idle clients.
  pool.on('error', () => undefined)

  const drop = async (patienceMs = 20_000) => {
    const held = pool.totalCount - pool.idleCount
    // One connection looks for the others, and empties the tables.
    const last = held === 0 ? await lastOf(pool) : undefined
    const ended = pool.end()
    const connected = async () =>
      (await (last?.query<Connected>(CONNECTED, [name]) ?? onServer(CONNECTED, [name]))).rows
    const endMs = Date.now() + patienceMs
    let open = await connected()
    while (held === 0 && open.length > 0 && Date.now() < endMs) {
      await sleep(10)
      open = await connected()
    }
    const isLikeNew =
      last && open.length === 0 && !original && (await emptied(last, definition).catch(() => false))
    last?.release(true)
    if (held === 0) await ended
    if (isLikeNew) return void (await giveDatabaseBack(name))
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

interface Connected {
  readonly application_name: string
  readonly query: string
}

/** Who is connected to a database, but for who asks. */
const CONNECTED = `SELECT application_name, query FROM pg_stat_activity
  WHERE datname = $1 AND backend_type = 'client backend' AND pid <> pg_backend_pid()`

/** A connection without the settings that a test may have given it; undefined where the test leaves none that works. */
async function lastOf(pool: pg.Pool): Promise<pg.PoolClient | undefined> {
  const client = await pool.connect().catch(() => undefined)
  try {
    await client?.query('DISCARD ALL')
    return client
  } catch {
    client?.release(true)
    return undefined
  }
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
