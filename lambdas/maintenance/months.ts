import type { Pool } from 'pg'
import { changeTables } from './ddl.ts'

/** Months that are made ahead: a function that has not run for as long still finds a place for each price. */
const AHEAD = 3

export interface MonthsDependencies {
  readonly pool: Pool
  /** Milliseconds since 1970 by which the run must end. */
  readonly deadlineMs: number
  /** Between two attempts to get a lock. */
  readonly pauseMs?: number
}

export interface Months {
  /** First days of months, `2026-11-01`, that got a partition. */
  readonly made: readonly string[]
  /** Rows that were moved to them from the default partition. */
  readonly moved: number
  /** Months without a partition that should have one, after this run. */
  readonly missing: readonly string[]
}

/*
 * This month and those ahead, and the months of plausible prices in the default partition: an import brings them. A price
 * that was implausibly far ahead is found its place when its month is made.
 */
const MISSING = `
with wanted as (
  select (date_trunc('month', now() at time zone 'UTC') + ahead * interval '1 month')::date as month
  from generate_series(0, ${AHEAD}) as ahead
  union
  select date_trunc('month', recorded_at at time zone 'UTC')::date
  from price_history_other
  where time_flag is distinct from 'implausible' and recorded_at >= '2000-01-01 00:00Z'
)
select month::text
from wanted
where not exists (
  select from price_history_partitions as part
  where part.since < (month + interval '1 month') at time zone 'UTC' and part.until > month::timestamp at time zone 'UTC'
)
order by month
`

/** Makes the months that are missing. Where the history is in use, one is left to the next run. */
export async function makeMonths({ pool, deadlineMs, pauseMs }: MonthsDependencies): Promise<Months> {
  const made: string[] = []
  let moved = 0
  for (const month of await missingMonths(pool)) {
    const rows = await changeTables<string | null>(
      pool,
      'history_make_month($1)',
      [month],
      deadlineMs,
      pauseMs,
    )
    if (rows === 'busy' || rows === null) continue
    made.push(month)
    moved += Number(rows)
  }
  // Autovacuum analyzes partitions, and not the table that they make up.
  if (made.length > 0) await pool.query('select history_analyze()')
  return { made, moved, missing: await missingMonths(pool) }
}

async function missingMonths(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ month: string }>(MISSING)
  return rows.map(({ month }) => month)
}
