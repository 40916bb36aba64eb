import middy from '@middy/core'
import { deadlineOf, producerPool } from '../core/clients.ts'
import { required } from '../core/environment.ts'
import * as ENVIRONMENT from '../core/environment-names.ts'
import { createLogger } from '../core/logger.ts'
import { reportInvocation } from '../core/report-invocation.ts'
import { type Removed, removeOld } from './remove-old.ts'

const log = createLogger({ function: 'maintenance' })

/** Invoked by its schedule, or by hand with an empty object. */
export const handler = middy<unknown, Removed>()
  .use(reportInvocation(log))
  .handler(async (_, context) => {
    const removed = await removeOld({
      pool: producerPool(),
      days: {
        messages: Number(required(process.env, ENVIRONMENT.keepMessagesDays)),
        rejected: Number(required(process.env, ENVIRONMENT.keepRejectedDays)),
      },
      deadlineMs: deadlineOf(context),
    })
    log.info('what is old was removed', { ...removed })
    return removed
  })
