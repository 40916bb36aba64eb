import middy from '@middy/core'
import { deadlineOf, functionNameOf, producerPool } from '../../core/clients.ts'
import { createLogger } from '../../core/logger.ts'
import type { NotBegun, RunInput } from '../../core/postgres/producer-runs.ts'
import { dealUpdateProducer, keepaClient } from '../../core/producer-clients.ts'
import { concludeRun } from '../../core/producing/conclude-run.ts'
import type { RunReport } from '../../core/producing/run-report.ts'
import { reportInvocation } from '../../core/report-invocation.ts'
import { collectDeals } from './collect-deals.ts'
import { dealDomains } from './deal-domains.ts'

const log = createLogger({ function: 'deal-collector' })

/** Invoked by its schedule, or by hand with an empty object. */
export const handler = middy<RunInput, RunReport | NotBegun>()
  .use(reportInvocation(log))
  .handler(async (input, context) => {
    const keepa = await keepaClient(log)
    if (!keepa) return concludeRun({ skipped: 'no-api-key' }, functionNameOf(context), log)
    const report = await collectDeals(input, {
      pool: producerPool(),
      keepa,
      producer: dealUpdateProducer(log),
      log,
      domains: dealDomains(process.env),
      deadlineMs: deadlineOf(context),
    })
    return concludeRun(report, functionNameOf(context), log)
  })
