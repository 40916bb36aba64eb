import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import { KeeperError } from '../errors.ts'

/** What one producer's run is asked to do; EventBridge Scheduler fills in the time that the run is for. */
export interface RunInput {
  /** ISO 8601; a schedule that fires twice gives the same. Missing where somebody runs the producer by hand. */
  readonly scheduledTime?: string
}

/** A run that has begun. Ended by `finish` or `pause`, or else by its lease. */
export interface ProducerRun<Cursor> {
  /** Where the last run stopped, or null to begin at the beginning. */
  readonly cursor: Cursor | null
  /** Remembers how far the run is: a run that dies is gone on with from here. */
  save(cursor: Cursor): Promise<void>
  /** Ends the run at its cursor: the next one goes on there. */
  pause(): Promise<void>
  /** Ends the run as whole: the next one begins at the beginning. */
  finish(): Promise<void>
}

/** Why a run does not begin. */
export type NotBegun = { readonly skipped: 'already-running' | 'already-done' }

const BEGIN = `
insert into producer_runs as run (producer, run_id, lease_until, started_at)
values ($1, $2, now() + $3::double precision * interval '1 millisecond', now())
on conflict (producer) do update
set run_id = excluded.run_id, lease_until = excluded.lease_until, started_at = excluded.started_at
where (run.lease_until is null or run.lease_until < now())
  and ($4::timestamptz is null or run.completed_for is null or run.completed_for < $4::timestamptz)
returning cursor
`

const WHY_NOT = 'select lease_until >= now() as running from producer_runs where producer = $1'

/**
 * Begins a run, unless one is under way or the scheduled time was seen to. The lease ends by itself where a run dies.
 * @param leaseMs at least as long as the function may run
 */
export async function beginRun<Cursor>(
  pool: Pool,
  producer: string,
  input: RunInput,
  leaseMs: number,
): Promise<ProducerRun<Cursor> | NotBegun> {
  const runId = randomUUID()
  const scheduledTime = scheduledTimeOf(input)
  const begun = await pool.query<{ cursor: Cursor | null }>(BEGIN, [producer, runId, leaseMs, scheduledTime])
  const row = begun.rows[0]
  if (!row) {
    const { rows } = await pool.query<{ running: boolean | null }>(WHY_NOT, [producer])
    return { skipped: rows[0]?.running ? 'already-running' : 'already-done' }
  }
  const update = (assignments: string, values: readonly unknown[] = []) =>
    pool.query(`update producer_runs set ${assignments} where producer = $1 and run_id = $2`, [
      producer,
      runId,
      ...values,
    ])
  return {
    cursor: row.cursor,
    save: async (cursor) => void (await update('cursor = $3::jsonb', [JSON.stringify(cursor)])),
    pause: async () => void (await update('lease_until = null')),
    finish: async () =>
      void (await update(
        'lease_until = null, cursor = null, finished_at = now(), completed_for = coalesce($3::timestamptz, completed_for)',
        [scheduledTime],
      )),
  }
}

function scheduledTimeOf({ scheduledTime }: RunInput): string | null {
  if (scheduledTime === undefined || scheduledTime === null) return null
  if (typeof scheduledTime === 'string' && !Number.isNaN(Date.parse(scheduledTime))) return scheduledTime
  throw new KeeperError(
    'bad_run_input',
    `scheduledTime is ${JSON.stringify(scheduledTime)}; it takes a time such as 2026-02-20T12:00:00Z, or leave it out.`,
  )
}
