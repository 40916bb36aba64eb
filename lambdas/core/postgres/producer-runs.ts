import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import { KeeperError } from '../errors.ts'

/** What one producer's run is asked to do; EventBridge Scheduler fills in the time that the run is for. */
export interface RunInput {
  /** ISO 8601; a schedule that fires twice gives the same. Missing where somebody runs the producer by hand. */
  readonly scheduledTime?: string
  /**
   * Begins only where a pass is incomplete: it paused, its run died, or its schedule fired during another run. For a
   * second schedule of a producer that may run out of Keepa's tokens or of time.
   */
  readonly resume?: boolean
}

/** A run that has begun. Ends with `finish` or `pause`; where it dies, its lease ends by itself. */
export interface ProducerRun<Cursor> {
  /** Where the last run stopped, or null to begin at the beginning. */
  readonly cursor: Cursor | null
  /** Remembers how far the run is: the next run resumes here if this one dies. */
  save(cursor: Cursor): Promise<void>
  /**
   * Ends the run before its pass is complete: the next one, also for the same scheduled time, resumes at `cursor`, or
   * begins at the beginning where that is null.
   */
  pause(cursor: Cursor | null): Promise<void>
  /** Ends the run and its pass: the next one begins at the beginning, and none is for the same scheduled time. */
  finish(): Promise<void>
}

/** Why a run does not begin. */
export type NotBegun = {
  readonly skipped: 'already-running' | 'already-done' | 'nothing-to-resume' | 'no-api-key'
}

const LEASE = `
run_id = $2, lease_until = now() + $3::double precision * interval '1 millisecond', started_at = now()
`
const IS_FREE = '(run.lease_until is null or run.lease_until < now())'

// A scheduled time in the future, which somebody made up, would be owed until it comes.
const DUE = "case when $4::timestamptz <= now() + interval '1 hour' then $4::timestamptz end"

// A pass that was paused keeps the time it began for, so that the time that came meanwhile stays owed.
const BEGIN = `
insert into producer_runs as run (producer, run_id, lease_until, started_at, pass_for, due_for)
values ($1, $2, now() + $3::double precision * interval '1 millisecond', now(), $4::timestamptz, ${DUE})
on conflict (producer) do update
set ${LEASE}, due_for = greatest(run.due_for, excluded.due_for),
  pass_for = case when run.cursor is null then excluded.pass_for else run.pass_for end
where ${IS_FREE} and ($4::timestamptz is null or run.completed_for is null or run.completed_for < $4::timestamptz)
returning cursor
`

// A lease that has ended and not been given back is a run's that died.
const RESUME = `
update producer_runs as run
set ${LEASE}, pass_for = case when run.cursor is null then run.due_for else run.pass_for end
where producer = $1 and ${IS_FREE}
  and (run.cursor is not null or run.lease_until < now() or coalesce(run.completed_for, '-infinity') < run.due_for)
returning cursor
`

const FINISH = `
lease_until = null, cursor = null, finished_at = now(),
completed_for = case when pass_for is null then completed_for else greatest(completed_for, least(pass_for, now())) end
`

const IS_RUNNING = 'select lease_until >= now() as running from producer_runs where producer = $1'

// A time that came while a run was at work is owed: resuming sees to it.
const OWE = `
update producer_runs as run
set due_for = greatest(run.due_for, case when $2::timestamptz <= now() + interval '1 hour' then $2::timestamptz end)
where producer = $1
`

/**
 * Does the work of a run, unless one is at work or the scheduled time was seen to. Where the work throws, the run is
 * over at the place that was saved last, so that the next one resumes there and does not wait for the lease.
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
  const resumes = isToResume(input)
  const lease = [producer, runId, leaseMs]
  const begun = await (resumes
    ? pool.query<{ cursor: Cursor | null }>(RESUME, lease)
    : pool.query<{ cursor: Cursor | null }>(BEGIN, [...lease, scheduledTime]))
  const row = begun.rows[0]
  if (!row) {
    if (scheduledTime !== null && !resumes) await pool.query(OWE, [producer, scheduledTime])
    const { rows } = await pool.query<{ running: boolean | null }>(IS_RUNNING, [producer])
    if (rows[0]?.running) return { skipped: 'already-running' }
    return { skipped: resumes ? 'nothing-to-resume' : 'already-done' }
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
      finish: () => update(FINISH),
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

function isToResume(input: RunInput | null): boolean {
  const resume: unknown = input?.resume ?? false
  if (typeof resume === 'boolean') return resume
  throw new KeeperError(
    'bad_run_input',
    `resume is ${JSON.stringify(resume)}; use true to resume an incomplete pass, or leave it out.`,
  )
}
