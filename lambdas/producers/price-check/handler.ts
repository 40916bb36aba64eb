import middy from '@middy/core'
import { deadlineOf, functionNameOf, producerPool } from '../../core/clients.ts'
import { ENVIRONMENT, oneOf } from '../../core/environment.ts'
import { createLogger } from '../../core/logger.ts'
import type { NotBegun, RunInput } from '../../core/postgres/producer-runs.ts'
import { keepaClient, priceUpdateProducer } from '../../core/producer-clients.ts'
import { concludeRun } from '../../core/producing/conclude-run.ts'
import type { RunReport } from '../../core/producing/run-report.ts'
import { reportInvocation } from '../../core/report-invocation.ts'
import type { PriceCheckDependencies } from './dependencies.ts'
import { runPriceCheck } from './run-price-check.ts'

const log = createLogger({ function: 'price-check' })

const whenAsked: PriceCheckDependencies['keepa'] = {
  products: async (question) => (await keepaClient(log)).products(question),
}

/** Invoked by its schedules, one of which only resumes, or by hand with an empty object. */
export const handler = middy<RunInput, RunReport | NotBegun>()
  .use(reportInvocation(log))
  .handler(async (input, context) => {
    const report = await runPriceCheck(input, {
      pool: producerPool(),
      // A run that finds nothing to resume needs no key: it may not be there yet, and reading it costs.
      keepa: input?.resume ? whenAsked : await keepaClient(log),
      producer: priceUpdateProducer(log),
      log,
      buyBox: oneOf<'on' | 'off'>(process.env, ENVIRONMENT.keepaBuyBox, ['on', 'off']),
      deadlineMs: deadlineOf(context),
    })
    return concludeRun(report, functionNameOf(context), log)
  })
