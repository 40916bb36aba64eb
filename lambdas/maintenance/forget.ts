import type { Pool } from 'pg'
import { retentionStartMs } from '../core/prices/retention.ts'
import { changeTables } from './ddl.ts'
import type { EarliestOffset } from './earliest-in-kafka.ts'

export interface ForgetDependencies {
  readonly pool: Pool
  /** Months that are kept; undefined: all. */
  readonly months: number | undefined
  readonly earliest: readonly EarliestOffset[]
  readonly deadlineMs: number
  readonly pauseMs?: number
}

export interface Forgotten {
  /** First days of months whose prices are gone. */
  readonly months: readonly string[]
  readonly rows: number
}

/** Rows of one statement. */
const BATCH = 10_000

const OLD_MONTHS = `
select name, (since at time zone 'UTC')::date::text as month, estimated_rows as rows
from price_history_partitions
where until <= $1 and name <> 'price_history_whole'
order by since`

const LOG = 'jsonb_to_recordset($2) as log (topic text, partition integer, earliest bigint)'

/** Whether Kafka still has the record of a price of a month. A topic that is gone brings nothing back. */
const MONTH_IN_LOG = `
select exists (
  select from (
    select topic, partition, max("offset") as newest from price_history
    where recorded_at >= $1::date::timestamp at time zone 'UTC'
      and recorded_at < ($1::date + interval '1 month') at time zone 'UTC'
    group by topic, partition
  ) as kept
  join ${LOG} using (topic, partition)
  where log.earliest <= kept.newest
) as result`
const removeFrom = (table: string) => `
delete from ${table} where ctid = any (array(
  select gone.ctid from ${table} as gone
  left join ${LOG} using (topic, partition)
  where gone.recorded_at < $1 and gone.time_flag is distinct from 'implausible'
    and (log.earliest is null or log.earliest > gone."offset")
  limit ${BATCH}
))`

/**
 * Forgets whole months that are older than they are kept, and times without an offer. A month stays while Kafka has the
 * record of one of its prices: imports and redrives put old times on today's log. Its end is waited for, as consumers no
 * longer store prices of the month (core/prices/retention.ts).
 */
export async function forget({
  pool,
  months,
  earliest,
  deadlineMs,
  pauseMs,
}: ForgetDependencies): Promise<Forgotten> {
  if (months === undefined) return { months: [], rows: 0 }
  const start = new Date(retentionStartMs(months, Date.now()))
  const log = JSON.stringify(earliest)
  const gone: string[] = []
  let rows = 0
  const old = await pool.query<{ month: string; rows: string }>(OLD_MONTHS, [start])
  for (const { month, rows: estimate } of old.rows) {
    if (Date.now() > deadlineMs) return { months: gone, rows }
    const { rows: found } = await pool.query<{ result: boolean }>(MONTH_IN_LOG, [month, log])
    if (found[0]?.result !== false) continue
    const outcome = await changeTables(pool, 'history_forget_month($1)', [month], deadlineMs, pauseMs)
    if (outcome === 'busy') continue
    gone.push(month)
    rows += Math.max(0, Number(estimate))
  }
  for (const table of ['price_history_other', 'price_gaps']) {
    for (let removed = BATCH; removed === BATCH && Date.now() < deadlineMs; rows += removed) {
      removed = (await pool.query(removeFrom(table), [start, log])).rowCount ?? 0
    }
  }
  return { months: gone, rows }
}
