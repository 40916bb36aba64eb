import middy from '@middy/core'
import { deadlineOf, functionNameOf, producerPool } from '../../core/clients.ts'
import { createLogger } from '../../core/logger.ts'
import type { NotBegun, RunInput } from '../../core/postgres/producer-runs.ts'
import { dealUpdateProducer } from '../../core/producer-clients.ts'
import { concludeRun } from '../../core/producing/conclude-run.ts'
import type { RunReport } from '../../core/producing/run-report.ts'
import { reportInvocation } from '../../core/report-invocation.ts'
import { runDailyDealReports } from './run-daily-deal-reports.ts'

const log = createLogger({ function: 'daily-deal-report' })

/** Invoked by its schedule, or by hand with an empty object. */
export const handler = middy<RunInput, RunReport | NotBegun>()
  .use(reportInvocation(log))
  .handler(async (input, context) => {
    const report = await runDailyDealReports(input, {
      pool: producerPool(),
      producer: dealUpdateProducer(log),
      log,
      deadlineMs: deadlineOf(context),
    })
    return concludeRun(report, functionNameOf(context), log)
  })
