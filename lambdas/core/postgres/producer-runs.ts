import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import { KeeperError } from '../errors.ts'

/** The input of a producer's run; EventBridge Scheduler fills in the scheduled time. */
export interface RunInput {
  /** ISO 8601; the same if a schedule fires twice. Missing if the producer is invoked by hand. */
  readonly scheduledTime?: string
  /**
   * Run only if a pass is incomplete: it was paused, its run died, or its schedule fired during another run. Set by the
   * second schedule of a producer that may run out of Keepa tokens or time.
   */
  readonly resume?: boolean
}

/** A run that has begun. It ends with `finish` or `pause`; if it dies, its lease expires. */
export interface ProducerRun<Cursor> {
  /** Where the last run stopped, or null to start from the beginning. */
  readonly cursor: Cursor | null
  /** Saves the run's progress: if this run dies, the next one resumes here. */
  save(cursor: Cursor): Promise<void>
  /**
   * Ends the run before its pass is complete. The next run, even one for the same scheduled time, resumes at `cursor`,
   * or starts from the beginning if that is null.
   */
  pause(cursor: Cursor | null): Promise<void>
  /** Ends the run and its pass: the next run starts from the beginning; one for the same scheduled time is skipped. */
  finish(): Promise<void>
}

/** Why a run did not begin. */
export type NotBegun = {
  readonly skipped: 'already-running' | 'already-done' | 'nothing-to-resume' | 'no-api-key'
}

const LEASE = `
run_id = $2, lease_until = now() + $3::double precision * interval '1 millisecond', started_at = now()
`
const IS_FREE = '(run.lease_until is null or run.lease_until < now())'

// A made-up time in the future must not count as due: resumed runs would repeat until it is reached.
const DUE = "case when $4::timestamptz <= now() + interval '1 hour' then $4::timestamptz end"

// A paused pass keeps its scheduled time, so that a time that has come since remains due.
const BEGIN = `
insert into producer_runs as run (producer, run_id, lease_until, started_at, pass_for, due_for)
values ($1, $2, now() + $3::double precision * interval '1 millisecond', now(), $4::timestamptz, ${DUE})
on conflict (producer) do update
set ${LEASE}, due_for = greatest(run.due_for, excluded.due_for),
  pass_for = case when run.cursor is null then excluded.pass_for else run.pass_for end
where ${IS_FREE} and ($4::timestamptz is null or run.completed_for is null or run.completed_for < $4::timestamptz)
returning cursor
`

// An expired lease that was not released belongs to a run that died.
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

// A scheduled time that comes during a run is due; a resumed run handles it.
const OWE = `
update producer_runs as run
set due_for = greatest(run.due_for, case when $2::timestamptz <= now() + interval '1 hour' then $2::timestamptz end)
where producer = $1
`

/**
 * Calls `work` as a run, unless another run holds the lease or the scheduled time is completed. If `work` throws, the
 * lease is released, so that the next run resumes at the place saved last without waiting for the lease to expire.
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

/** The scheduled time in the form that Postgres reads. */
function scheduledTimeOf(input: RunInput | null): string | null {
  const scheduledTime: unknown = input?.scheduledTime ?? null
  if (scheduledTime === null) return null
  const time = typeof scheduledTime === 'string' ? Date.parse(scheduledTime) : Number.NaN
  if (!Number.isNaN(time)) return new Date(time).toISOString()
  throw new KeeperError(
    'bad_run_input',
    `scheduledTime is ${JSON.stringify(scheduledTime)}: use a time such as 2026-02-20T12:00:00Z, or leave it out.`,
  )
}

function isToResume(input: RunInput | null): boolean {
  const resume: unknown = input?.resume ?? false
  if (typeof resume === 'boolean') return resume
  throw new KeeperError(
    'bad_run_input',
    `resume is ${JSON.stringify(resume)}: use true to resume an incomplete pass, or leave it out.`,
  )
}
