import pg from 'pg'
import { createPool } from '../lambdas/core/postgres/pool.ts'
import { migrate } from '../lambdas/migrator/migrate.ts'
import { loadProducts, START_MS } from './input.ts'

/** A database of one bench, on the bench's own server. */
export interface BenchDatabase {
  readonly url: string
  /** A client outside of what is measured. */
  readonly client: pg.Client
  /** A pool as a consumer has it. */
  pool(): pg.Pool
  drop(): Promise<void>
}

/** Makes a database with the schema and the products of the benches. */
export async function benchDatabase(
  serverUrl: string,
  name: string,
  products?: number,
): Promise<BenchDatabase> {
  // The server may stop before its clients; such errors are reported elsewhere.
  const server = new pg.Client({ connectionString: serverUrl })
  server.on('error', () => undefined)
  await server.connect()
  await server.query(`drop database if exists ${name} with (force)`)
  await server.query(`create database ${name}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  const client = new pg.Client({ connectionString: url.href })
  client.on('error', () => undefined)
  await client.connect()
  await migrate(client, new URL('../migrations', import.meta.url).pathname)
  // The months of the events of the benches, as maintenance would have made them.
  await client.query(
    "select history_make_month(month::date) from generate_series($1, $2, interval '1 month') as month",
    [new Date(START_MS), new Date(START_MS + 365 * 86_400_000)],
  )
  await loadProducts(client, products)
  const pools: pg.Pool[] = []
  return {
    url: url.href,
    client,
    pool: () => {
      const pool = createPool({
        DATABASE_URL: url.href,
        DATABASE_AUTHENTICATION: 'password',
        KEEPER_FUNCTION: 'bench',
      })
      pools.push(pool)
      return pool
    },
    drop: async () => {
      await Promise.all(pools.map((pool) => pool.end()))
      await client.end()
      await server.query(`drop database ${name} with (force)`)
      await server.end()
    },
  }
}
