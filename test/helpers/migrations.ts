import { join } from 'node:path'
import pg from 'pg'
import { migrate } from '../../lambdas/migrator/migrate.ts'

const MIGRATIONS = join(import.meta.dirname, '..', '..', 'migrations')

/** Applies `migrations/` to a database. */
export async function migrateDatabase(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await migrate(client, MIGRATIONS)
  } finally {
    await client.end()
  }
}
