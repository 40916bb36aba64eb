import middy from '@middy/core'
import { deadlineOf, functionNameOf, producerPool } from '../../core/clients.ts'
import { oneOf, optional } from '../../core/environment.ts'
import * as ENVIRONMENT from '../../core/environment-names.ts'
import { createLogger } from '../../core/logger.ts'
import { emitMetrics, METRICS } from '../../core/metrics.ts'
import type { NotBegun } from '../../core/postgres/producer-runs.ts'
import { monthsOf } from '../../core/prices/retention.ts'
import { keepaClient, priceUpdateProducer } from '../../core/producer-clients.ts'
import { concludeRun } from '../../core/producing/conclude-run.ts'
import type { RunReport } from '../../core/producing/run-report.ts'
import { reportInvocation } from '../../core/report-invocation.ts'
import { type ImportInput, runHistoryImport } from './run-history-import.ts'

const log = createLogger({ function: 'history-import' })

/** Invoked by its schedule, by whoever added a watch (`{"productIds": ["12"]}`), or by hand with an empty object. */
export const handler = middy<ImportInput, RunReport | NotBegun>()
  .use(reportInvocation(log))
  .handler(async (input, context) => {
    const report = await runHistoryImport(input, {
      pool: producerPool(),
      // What the others leave is for imports.
      keepa: () => keepaClient(log, 0),
      producer: priceUpdateProducer(log),
      log,
      buyBox: oneOf<'on' | 'off'>(process.env, ENVIRONMENT.keepaBuyBox, ['on', 'off']),
      historyYears: Number(optional(process.env, ENVIRONMENT.historyYears, '3')),
      retentionMonths: monthsOf(process.env, ENVIRONMENT.historyRetentionMonths),
      deadlineMs: deadlineOf(context),
    })
    if ('imported' in report)
      emitMetrics(functionNameOf(context), { [METRICS.historiesImported]: report.imported })
    return concludeRun(report, functionNameOf(context), log)
  })
