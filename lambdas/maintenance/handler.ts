import middy from '@middy/core'
import { deadlineOf, functionNameOf, producerPool } from '../core/clients.ts'
import { required } from '../core/environment.ts'
import * as ENVIRONMENT from '../core/environment-names.ts'
import { createLogger } from '../core/logger.ts'
import { emitMetrics } from '../core/metrics.ts'
import { monthsOf } from '../core/prices/retention.ts'
import { reportInvocation } from '../core/report-invocation.ts'
import { earliestInKafka } from './earliest-in-kafka.ts'
import { keepHistory } from './keep-history.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { type Removed, removeOld } from './remove-old.ts'

const log = createLogger({ function: 'maintenance' })

/** A run that has much to do leaves it to the next before the alarm on its duration. */
const LONGEST_MS = 10 * 60_000

/** Invoked by its schedule, or by hand with an empty object. */
export const handler = middy<unknown, Removed | { readonly skipped: 'another-run' }>()
  .use(reportInvocation(log))
  .handler((_, context) =>
    oneAtATime(producerPool(), async () => {
      const pool = producerPool()
      const deadlineMs = Math.min(deadlineOf(context), Date.now() + LONGEST_MS)
      const removed = await removeOld({
        pool,
        days: {
          messages: Number(required(process.env, ENVIRONMENT.keepMessagesDays)),
          rejected: Number(required(process.env, ENVIRONMENT.keepRejectedDays)),
        },
        deadlineMs,
      })
      log.info('what is old was removed', { ...removed })
      await keepHistory({
        pool,
        months: {
          kept: monthsOf(process.env, ENVIRONMENT.historyRetentionMonths),
          unthinned: monthsOf(process.env, ENVIRONMENT.historyUnthinnedMonths),
        },
        earliest: () => earliestInKafka(process.env, log),
        log,
        emitMetrics: (values) => emitMetrics(functionNameOf(context), values),
        deadlineMs,
      })
      return removed
    }),
  )
