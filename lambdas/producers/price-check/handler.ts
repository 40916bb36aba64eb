import middy from '@middy/core'
import { deadlineOf, functionNameOf, producerPool } from '../../core/clients.ts'
import { ENVIRONMENT, oneOf } from '../../core/environment.ts'
import { KeeperError } from '../../core/errors.ts'
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
  products: async (question) => {
    const keepa = await keepaClient(log)
    if (keepa) return keepa.products(question)
    throw new KeeperError('secret_unreadable', "Keepa's API key has gone while a pass was incomplete.")
  },
}

/** Invoked by its schedules, one of which only resumes, or by hand with an empty object. */
export const handler = middy<RunInput, RunReport | NotBegun>()
  .use(reportInvocation(log))
  .handler(async (input, context) => {
    // A run that finds nothing to resume needs no key: it may not be there yet, and reading it costs.
    const keepa = input?.resume ? whenAsked : await keepaClient(log)
    if (!keepa) return concludeRun({ skipped: 'no-api-key' }, functionNameOf(context), log)
    const report = await runPriceCheck(input, {
      pool: producerPool(),
      keepa,
      producer: priceUpdateProducer(log),
      log,
      buyBox: oneOf<'on' | 'off'>(process.env, ENVIRONMENT.keepaBuyBox, ['on', 'off']),
      deadlineMs: deadlineOf(context),
    })
    return concludeRun(report, functionNameOf(context), log)
  })
