import type { Pool } from 'pg'
import type { Logger } from '../core/logger.ts'
import { METRICS, type MetricName } from '../core/metrics.ts'
import type { EarliestOffset } from './earliest-in-kafka.ts'
import { forget } from './forget.ts'
import { makeMonths } from './months.ts'
import { type Rewritten, rewrite } from './rewrite.ts'
import { thinMonths } from './thin.ts'

export interface HistoryDependencies {
  readonly pool: Pool
  /** Months of the history that are kept, and that keep every price; undefined: all. */
  readonly months: { readonly kept: number | undefined; readonly unthinned: number | undefined }
  /** Kafka is asked only where rows may go. */
  readonly earliest: () => Promise<readonly EarliestOffset[]>
  readonly log: Logger
  readonly emitMetrics: (values: Partial<Record<MetricName, number>>) => void
  /** Milliseconds since 1970 by which nothing new is begun. */
  readonly deadlineMs: number
}

/** The table of before there were months. */
const WHOLE = 'price_history_whole'

/**
 * Keeps the history in months: makes those that are missing, splits the table of before, forgets months and thins them. A
 * run that ends early leaves the rest to the next; where Kafka cannot be asked, nothing is removed.
 */
export async function keepHistory(dependencies: HistoryDependencies): Promise<void> {
  const { pool, months, log, emitMetrics, deadlineMs } = dependencies
  const made = await makeMonths({ pool, deadlineMs })
  if (made.made.length > 0) log.info('months were made', { ...made })
  if (made.missing.length > 0) log.warn('months could not be made', { missing: made.missing })
  emitMetrics({ [METRICS.historyMonthsMissing]: made.missing.length })

  if (await hasWhole(pool)) {
    const split = await rewrite(WHOLE, 'split', [], { pool, deadlineMs })
    logRewritten(log, 'the table of before was split', [split])
    return
  }
  const mayGo = months.kept !== undefined || months.unthinned !== undefined
  const earliest = mayGo ? await dependencies.earliest() : []
  const forgotten = await forget({ pool, months: months.kept, earliest, deadlineMs })
  if (forgotten.rows > 0 || forgotten.months.length > 0) log.info('prices were forgotten', { ...forgotten })
  const thinned = await thinMonths({ pool, months: months.unthinned, earliest, deadlineMs })
  logRewritten(log, 'a month was thinned', thinned)
  const replaced = thinned.filter(({ state }) => state === 'replaced')
  emitMetrics({
    [METRICS.historyRowsForgotten]: forgotten.rows,
    [METRICS.historyRowsThinned]: replaced.reduce((sum, { read, kept }) => sum + read - kept, 0),
  })
}

async function hasWhole(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query('select from price_history_partitions where name = $1', [WHOLE])
  return rows.length > 0
}

function logRewritten(log: Logger, message: string, rewritten: readonly Rewritten[]): void {
  for (const one of rewritten) {
    if (one.state === 'replaced') log.info(message, { ...one })
    else log.warn('a partition is not replaced yet; the next run goes on', { ...one })
  }
}
