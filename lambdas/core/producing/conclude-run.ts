import { KeeperError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import { emitMetrics, METRICS } from '../metrics.ts'
import type { NotBegun } from '../postgres/producer-runs.ts'
import type { RunReport } from './run-report.ts'

/** Refusals that a retry cannot fix: the plan, the key or the request is wrong. */
const REFUSALS = new Set(['keepa_payment', 'keepa_rejected', 'keepa_not_found'])

/**
 * Logs a run's report and emits its metrics, whether the run is complete or not.
 * @throws KeeperError `run_incomplete` naming the products whose event was not sent or that were not checked
 */
export function concludeRun(
  report: RunReport | NotBegun,
  functionName: string,
  log: Logger,
): RunReport | NotBegun {
  if ('skipped' in report) {
    log.info('the run was skipped', report)
    return report
  }
  const { notSent, notChecked, ...counts } = report
  log.info('the run is over', { ...counts, notSent: notSent.length, notChecked: notChecked.length })
  emitMetrics(functionName, {
    [METRICS.eventsSent]: report.sent,
    [METRICS.eventsNotSent]: notSent.length,
    [METRICS.productsNotChecked]: notChecked.length,
    [METRICS.recordsWithoutPrice]: report.withoutPrice,
    [METRICS.productsNotFollowed]: report.notFollowed,
    [METRICS.keepaRefusals]: notChecked.filter(({ code }) => REFUSALS.has(code)).length,
    ...(report.tokensLeft === null ? {} : { [METRICS.keepaTokensLeft]: report.tokensLeft }),
  })
  failIfIncomplete(report)
  return report
}

/** The most products that the error of a failed run names; the log has them all. */
const NAMED = 50

function failIfIncomplete(report: RunReport): void {
  const left = [...report.notSent, ...report.notChecked]
  if (left.length === 0) return
  const named = left.slice(0, NAMED).map(({ asin, domain, code }) => `${asin} (${domain}, ${code})`)
  const more = left.length > NAMED ? `, and ${left.length - NAMED} more` : ''
  throw new KeeperError(
    'run_incomplete',
    `${report.sent} events were sent, ${report.notSent.length} were not, ${report.notChecked.length} products could not be checked: ${named.join(', ')}${more}`,
    { retriable: true },
  )
}
