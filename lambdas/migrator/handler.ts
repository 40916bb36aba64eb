import { join } from 'node:path'
import middy from '@middy/core'
import pg from 'pg'
import { createLogger } from '../core/logger.ts'
import { connectionConfig } from '../core/postgres/pool.ts'
import { reportInvocation } from '../core/report-invocation.ts'
import { readDatabasePassword } from '../core/secrets.ts'
import { type MigrationResult, migrate } from './migrate.ts'

const log = createLogger({ function: 'migrator' })

/** The bundle carries the migrations beside itself. */
const MIGRATIONS = join(import.meta.dirname, 'migrations')

/** Invoked by every deployment that changes it or the migrations, and at each start of `npm run local`. */
export const handler = middy<unknown, MigrationResult>()
  .use(reportInvocation(log))
  .handler(async () => {
    const client = new pg.Client(connectionConfig(process.env, readDatabasePassword))
    // A connection that breaks fails the query that is under way; without a listener it would end the process.
    client.on('error', () => undefined)
    await client.connect()
    try {
      const result = await migrate(client, MIGRATIONS)
      log.info('migrations applied', { applied: result.applied })
      return result
    } finally {
      await client.end()
    }
  })
