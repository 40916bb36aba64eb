import type { Pool } from 'pg'

/** An arbitrary number shared by all runs. */
const ADVISORY_LOCK = 7_283_462

/**
 * Does the work unless another run is at it. The lock belongs to the pool's one connection, so it goes with a run that dies.
 */
export async function oneAtATime<Result>(
  pool: Pool,
  work: () => Promise<Result>,
): Promise<Result | { readonly skipped: 'another-run' }> {
  const { rows } = await pool.query<{ free: boolean }>('select pg_try_advisory_lock($1) as free', [
    ADVISORY_LOCK,
  ])
  if (!rows[0]?.free) return { skipped: 'another-run' }
  try {
    return await work()
  } finally {
    await pool.query('select pg_advisory_unlock($1)', [ADVISORY_LOCK]).catch(() => undefined)
  }
}
