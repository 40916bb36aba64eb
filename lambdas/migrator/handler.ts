import { join } from 'node:path'
import middy from '@middy/core'
import { createLogger } from '../core/logger.ts'
import { reportInvocation } from '../core/report-invocation.ts'
import { connectAsOwner } from './connect-as-owner.ts'
import { type MigrationResult, migrate } from './migrate.ts'
import { ownerSignIns } from './owner-sign-ins.ts'

const log = createLogger({ function: 'migrator' })

/** The migrations are packaged beside the bundle. */
const MIGRATIONS = join(import.meta.dirname, 'migrations')

/** Invoked by each deployment that changes the migrator or the migrations, and by each start of `npm run local`. */
export const handler = middy<unknown, MigrationResult>()
  .use(reportInvocation(log))
  .handler(async () => {
    const client = await connectAsOwner(ownerSignIns(process.env), log)
    try {
      const result = await migrate(client, MIGRATIONS)
      log.info('migrations applied', { applied: result.applied })
      if (result.newer.length > 0) {
        log.warn('the schema is newer than this version of Keeper and is left unchanged', {
          newer: result.newer,
        })
      }
      return result
    } finally {
      await client.end()
    }
  })
