import type { Pool } from 'pg'
import type { DealUpdateProducer } from '../../core/kafka/deal-update-producer.ts'
import type { Logger } from '../../core/logger.ts'
import { inRun, type NotBegun, type RunInput } from '../../core/postgres/producer-runs.ts'
import { addStep, EMPTY_REPORT, isToBeSentAgain, type RunReport } from '../../core/producing/run-report.ts'
import { sendAll } from '../../core/producing/send-all.ts'
import { dealsOfLastDay } from './deals-of-last-day.ts'
import { saveReports } from './save-reports.ts'

/** What the daily deal report needs. */
export interface DailyDealReportDependencies {
  readonly pool: Pool
  readonly producer: DealUpdateProducer
  readonly log: Logger
  /** Milliseconds since 1970 by which the run must end. */
  readonly deadlineMs: number
}

/**
 * Saves a report for each user with filters, which the notifier tells, and sends each deal of the last 24 hours that passed
 * one of them again. The event has the deal's own timestamp, so it adds no second history row.
 * @throws KeeperError of the database; events that were not sent are in the report
 */
export function runDailyDealReports(
  input: RunInput,
  { pool, producer, log, deadlineMs }: DailyDealReportDependencies,
): Promise<RunReport | NotBegun> {
  return inRun<never, RunReport>(pool, 'daily-deal-report', input, deadlineMs - Date.now(), async (run) => {
    const users = await saveReports(pool)
    const ofLastDay = await dealsOfLastDay(pool)
    log.info('reports were kept', { users, deals: ofLastDay.length })
    const sent = await sendAll(ofLastDay, (deal) => producer.sendDealUpdate(deal), log)
    // The next run sends all deals again, which adds no second history row.
    await (isToBeSentAgain(sent) ? run.pause(null) : run.finish())
    return addStep(EMPTY_REPORT, sent)
  })
}
