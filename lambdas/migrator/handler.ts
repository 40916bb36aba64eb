import { join } from 'node:path'
import middy from '@middy/core'
import { createLogger } from '../core/logger.ts'
import { reportInvocation } from '../core/report-invocation.ts'
import { connectAsOwner } from './connect-as-owner.ts'
import { type MigrationResult, migrate } from './migrate.ts'
import { ownerSignIns } from './owner-sign-ins.ts'

const log = createLogger({ function: 'migrator' })

/** The bundle carries the migrations beside itself. */
const MIGRATIONS = join(import.meta.dirname, 'migrations')

/** Invoked by every deployment that changes it or the migrations, and at each start of `npm run local`. */
export const handler = middy<unknown, MigrationResult>()
  .use(reportInvocation(log))
  .handler(async () => {
    const client = await connectAsOwner(ownerSignIns(process.env), log)
    try {
      const result = await migrate(client, MIGRATIONS)
      log.info('migrations applied', { applied: result.applied })
      if (result.newer.length > 0) {
        log.warn('the schema is newer than this version of Keeper and stays as it is', {
          newer: result.newer,
        })
      }
      return result
    } finally {
      await client.end()
    }
  })
