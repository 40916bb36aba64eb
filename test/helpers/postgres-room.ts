import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import pg from 'pg'
import type { Environment } from '../../lambdas/core/environment.ts'
import { freePort } from '../../local/engines/ports.ts'
import { type Server, startServer } from '../../local/engines/postgres/server.ts'
import { migrateDatabase } from './migrations.ts'
import { definitionOf } from './used-database.ts'

/** What a test file gets to know of Postgres: a server, and a migrated database to copy. */
export interface PostgresAnswer {
  readonly databaseUrl: string
  readonly template: string
  /** The template's (used-database.ts). */
  readonly definition: string
}

/** The same with a database as the template, which another test is done with; null where there is none at the moment. */
export interface UsedDatabase extends PostgresAnswer {
  readonly name: string | null
}

/** The run's one database server, and the databases that may be used again. */
export interface PostgresRoom {
  /** `/postgres` starts it; `/postgres/take` and `/postgres/give-back/<name>`. */
  answer(path: string): Promise<unknown>
  close(): Promise<void>
}

/** TEST_DATABASE_URL names a server to use instead. */
export function postgresRoom(dir: string, environment: Environment): PostgresRoom {
  const given = environment.TEST_DATABASE_URL
  const used: string[] = []
  let server: Server | undefined
  let started: Promise<PostgresAnswer> | undefined

  const start = async (): Promise<PostgresAnswer> => {
    if (!given) {
      await mkdir(dirname(dir), { recursive: true })
      server = await startServer({ dir, port: await freePort(), environment, durability: 'fast' })
    }
    return makeTemplate(given ?? server?.databaseUrl ?? '')
  }
  return {
    answer: async (path) => {
      started ??= start()
      const answer = await started
      const [, name] = /^\/postgres\/give-back\/(\w+)$/.exec(path) ?? []
      if (name) used.push(name)
      return path === '/postgres/take'
        ? ({ ...answer, name: used.pop() ?? null } satisfies UsedDatabase)
        : answer
    },
    close: async () => {
      const answer = given ? await started?.catch(() => undefined) : undefined
      for (const name of answer ? [...used, answer.template] : [])
        await onServer(given ?? '', `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
      await server?.stop()
    },
  }
}

/** A migrated database that nobody connects to: a test's own is a copy of it, made in a fraction of a second. */
async function makeTemplate(databaseUrl: string): Promise<PostgresAnswer> {
  const template = `keeper_template_${process.pid}_${Date.now()}`
  await onServer(databaseUrl, `CREATE DATABASE ${template}`)
  const url = withDatabase(databaseUrl, template)
  await migrateDatabase(url)
  return { databaseUrl, template, definition: await withClient(url, definitionOf) }
}

const onServer = (databaseUrl: string, statement: string) =>
  withClient(databaseUrl, (client) => client.query(statement))

async function withClient<T>(databaseUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  return work(client).finally(() => client.end())
}

/** The URL of another database on the same server. */
export function withDatabase(databaseUrl: string, database: string): string {
  const url = new URL(databaseUrl)
  url.pathname = `/${database}`
  return url.href
}
