import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import { KeeperError } from '../errors.ts'

/** What one producer's run is asked to do; EventBridge Scheduler fills in the time that the run is for. */
export interface RunInput {
  /** ISO 8601; a schedule that fires twice gives the same. Missing where somebody runs the producer by hand. */
  readonly scheduledTime?: string
}

/** A run that has begun. Ends with `finish` or `pause`; where it dies, its lease ends by itself. */
export interface ProducerRun<Cursor> {
  /** Where the last run stopped, or null to begin at the beginning. */
  readonly cursor: Cursor | null
  /** Remembers how far the run is: a run that dies is gone on with from here. */
  save(cursor: Cursor): Promise<void>
  /** Ends the run before its work is done: the next one, also for the same scheduled time, goes on at `cursor`. */
  pause(cursor: Cursor | null): Promise<void>
  /** Ends the run as whole: the next one begins at the beginning, and none is for the same scheduled time. */
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

// A scheduled time in the future, which somebody made up, does not keep the real ones from being seen to.
const FINISH = `
lease_until = null, cursor = null, finished_at = now(),
completed_for = case when $3::timestamptz is null then completed_for else least($3::timestamptz, now()) end
`

const WHY_NOT = 'select lease_until >= now() as running from producer_runs where producer = $1'

/**
 * Does the work of a run, unless one is under way or the scheduled time was seen to. Where the work throws, the run is
 * over at the place that was saved last, so that Lambda's retry goes on there and does not wait for the lease.
 * @param leaseMs at least as long as the function may run
 * @throws KeeperError `bad_run_input`, or what `work` throws
 */
export async function inRun<Cursor, Result>(
  pool: Pool,
  producer: string,
  input: RunInput,
  leaseMs: number,
  work: (run: ProducerRun<Cursor>) => Promise<Result>,
): Promise<Result | NotBegun> {
  const runId = randomUUID()
  const scheduledTime = scheduledTimeOf(input)
  const begun = await pool.query<{ cursor: Cursor | null }>(BEGIN, [producer, runId, leaseMs, scheduledTime])
  const row = begun.rows[0]
  if (!row) {
    const { rows } = await pool.query<{ running: boolean | null }>(WHY_NOT, [producer])
    return { skipped: rows[0]?.running ? 'already-running' : 'already-done' }
  }
  const update = async (assignments: string, ...values: readonly unknown[]) => {
    const statement = `update producer_runs set ${assignments} where producer = $1 and run_id = $2`
    await pool.query(statement, [producer, runId, ...values])
  }
  const jsonOf = (cursor: Cursor | null) => (cursor === null ? null : JSON.stringify(cursor))
  try {
    return await work({
      cursor: row.cursor,
      save: (cursor) => update('cursor = $3::jsonb', jsonOf(cursor)),
      pause: (cursor) => update('lease_until = null, cursor = $3::jsonb', jsonOf(cursor)),
      finish: () => update(FINISH, scheduledTime),
    })
  } catch (error) {
    await update('lease_until = null').catch(() => undefined)
    throw error
  }
}

/** In the form that Postgres reads, whatever form it came in. */
function scheduledTimeOf(input: RunInput | null): string | null {
  const scheduledTime: unknown = input?.scheduledTime ?? null
  if (scheduledTime === null) return null
  const time = typeof scheduledTime === 'string' ? Date.parse(scheduledTime) : Number.NaN
  if (!Number.isNaN(time)) return new Date(time).toISOString()
  throw new KeeperError(
    'bad_run_input',
    `scheduledTime is ${JSON.stringify(scheduledTime)}; it takes a time such as 2026-02-20T12:00:00Z, or leave it out.`,
  )
}
