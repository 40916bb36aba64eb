import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from 'pg'
import { claim } from './claim.ts'
import { deliver } from './deliver.ts'
import type { NotifierDependencies, NotifierReport, NotifierRun } from './dependencies.ts'
import { gather } from './gather.ts'
import { gatherNotices } from './gather-notices.ts'
import { gatherReports } from './gather-reports.ts'
import { endWhatWasTold, isElsewhere, RESTORED } from './home.ts'
import { supersedeLeft } from './left.ts'
import { Pace } from './pace.ts'
import { prepare } from './prepare.ts'
import { IS_HELD } from './quiet-hours.ts'

/** How many batches are in work at once: while one waits for a slow receiver, the others go on. */
const LANES = 4

/** Messages of one batch, which are all sent at once. */
const BATCH = 10

/** A run waits for a collecting window that closes this soon, rather than leaving it to the next run. */
const WAIT_MS = 10_000

/** Reserved of a lease for marking what was sent. */
const MARK_MS = 1_000

/**
 * Gathers alerts into messages and delivers what is due, until nothing is or the time is over.
 *
 * Every message is delivered at least once: it is marked after it was sent, so a run that dies in between leaves it to be
 * sent again once its lease has ended. Nothing that a service offers would make it exactly once.
 *
 * In a database that was restored nothing is done before somebody confirms (home.ts).
 */
export async function runNotifier(dependencies: NotifierDependencies): Promise<NotifierReport> {
  const { pool, settings, claimUntilMs, deadlineMs } = dependencies
  const run: NotifierRun = { ...dependencies, report: emptyReport() }
  if (await isElsewhere(pool, settings.databaseInstance)) {
    run.report.stopped = RESTORED
    return run.report
  }
  await endWhatWasTold(pool)
  const pace = new Pace(settings.sendsPerSecond)
  const signal = AbortSignal.timeout(Math.max(0, deadlineMs - MARK_MS - Date.now()))
  for (;;) {
    run.report.alertsSuperseded += await supersedeLeft(pool)
    const { alerts, nextMs } = await gather(pool, settings)
    run.report.alertsGathered += alerts
    run.report.reportsGathered += await gatherReports(pool)
    run.report.noticesGathered += await gatherNotices(pool)
    await allEnded(Array.from({ length: LANES }, () => lane(run, pace, signal)))
    const waitMs = nextMs === null ? Number.POSITIVE_INFINITY : Math.max(1, Math.ceil(nextMs))
    if (run.report.stopped !== null || waitMs > WAIT_MS || Date.now() + waitMs >= claimUntilMs)
      return run.report
    await sleep(waitMs)
  }
}

/** Claims, prepares and delivers batch after batch, as long as one of it could have its turn. */
async function lane(run: NotifierRun, pace: Pace, signal: AbortSignal): Promise<void> {
  const { pool, settings, report, claimUntilMs } = run
  const most = batchSize(settings)
  while (report.stopped === null && Date.now() < claimUntilMs && pace.hasTurn(claimUntilMs)) {
    const leaseEndsMs = Date.now() + settings.leaseMs - Math.min(MARK_MS, settings.leaseMs / 4)
    const batch = await claim(pool, most, settings.leaseMs)
    if (batch.length === 0) return
    const prepared = await prepare(run, batch)
    await allEnded(prepared.map((one) => deliver(run, one, { pace, signal, leaseEndsMs })))
  }
}

/** No more than can be sent well within a lease at the rate that is set. */
const batchSize = ({ sendsPerSecond, leaseMs }: NotifierDependencies['settings']): number =>
  Math.max(1, Math.min(BATCH, Math.floor((sendsPerSecond * leaseMs) / 4_000 / LANES)))

/** Ends once all have ended, with the first failure: nothing goes on behind an answer. */
async function allEnded(work: readonly Promise<void>[]): Promise<void> {
  for (const end of await Promise.allSettled(work)) if (end.status === 'rejected') throw end.reason
}

const emptyReport = (): NotifierReport => ({
  alertsGathered: 0,
  reportsGathered: 0,
  noticesGathered: 0,
  alertsSuperseded: 0,
  deliveriesSent: 0,
  deliveriesFailed: 0,
  messagesFailed: 0,
  stopped: null,
})

const OLDEST_DUE = `
select coalesce(extract(epoch from now() - min(due_at)), 0)::double precision as seconds
from messages as message
where status = 'PENDING' and due_at <= now() and not ${IS_HELD}
`

/** For how many seconds the message that has waited longest could have been sent. What is held is in no message yet. */
export async function oldestDueSeconds(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ seconds: number }>(OLDEST_DUE)
  return rows[0]?.seconds ?? 0
}
