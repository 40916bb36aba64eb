import type { Pool } from 'pg'
import { againIfRolledBack } from '../core/postgres/again-if-rolled-back.ts'

/** How long things are kept, in days. */
export interface KeptDays {
  readonly messages: number
  readonly rejected: number
}

export interface RemovalDependencies {
  readonly pool: Pool
  readonly days: KeptDays
  /** Milliseconds since 1970 by which the run must end. */
  readonly deadlineMs: number
}

/** Rows that were removed, by table. */
export interface Removed {
  readonly messages: number
  readonly alerts: number
  readonly reports: number
  readonly rejected: number
}

/** Rows of one statement: it holds few locks, for some milliseconds. */
const BATCH = 1_000

/** A batch is not begun later than this before the end. */
const BATCH_MS = 10_000

/*
 * What waits to be sent is never old. A message takes its deliveries and its reported deals with it. An alert that was
 * superseded counts as never made, so nothing looks at it again; the others are what the alert rule compares with, and stay.
 */
const MESSAGES = `
delete from messages where id in (
  select id from messages
  where status <> 'PENDING' and created_at < now() - $1::integer * interval '1 day'
  order by created_at limit $2
)`
const ALERTS = `
delete from price_alerts where id in (
  select id from price_alerts
  where status = 'SUPERSEDED' and triggered_at < now() - $1::integer * interval '1 day'
  order by triggered_at limit $2
)`
const REPORTS = `
delete from deal_reports where id in (
  select id from deal_reports where created_at < now() - $1::integer * interval '1 day' order by created_at limit $2
)`
const REJECTED = `
delete from rejected_records where id in (
  select id from rejected_records where rejected_at < now() - $1::integer * interval '1 day' order by rejected_at limit $2
)`

/** Removes what is older than it is kept, in small batches. What a run does not reach in time is left to the next. */
export async function removeOld({ pool, days, deadlineMs }: RemovalDependencies): Promise<Removed> {
  const remove = async (statement: string, kept: number): Promise<number> => {
    let removed = 0
    while (Date.now() < deadlineMs - BATCH_MS) {
      // A user who is removed takes the same rows along, in another order.
      const { rowCount } = await againIfRolledBack(() => pool.query(statement, [kept, BATCH]))
      removed += rowCount ?? 0
      if ((rowCount ?? 0) < BATCH) break
    }
    return removed
  }
  return {
    messages: await remove(MESSAGES, days.messages),
    alerts: await remove(ALERTS, days.messages),
    reports: await remove(REPORTS, days.messages),
    rejected: await remove(REJECTED, days.rejected),
  }
}
