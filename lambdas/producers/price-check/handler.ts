import middy from '@middy/core'
import { deadlineOf, functionNameOf, producerPool } from '../../core/clients.ts'
import { oneOf } from '../../core/environment.ts'
import * as ENVIRONMENT from '../../core/environment-names.ts'
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
    throw new KeeperError(
      'secret_unreadable',
      'A pass is incomplete, but the secret no longer holds the API key of Keepa: store it again.',
    )
  },
}

/** Invoked by its schedules, one of which only resumes, or by hand with an empty object. */
export const handler = middy<RunInput, RunReport | NotBegun>()
  .use(reportInvocation(log))
  .handler(async (input, context) => {
    // A resuming run may find nothing to do and then needs no key, which may not exist yet and costs a call to read.
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
