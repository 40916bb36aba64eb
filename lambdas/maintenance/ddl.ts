import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from 'pg'
import { codeOf } from '../core/errors.ts'

/** Attempts at a change of tables, and the pause between them: whoever works on the history goes first. */
const ATTEMPTS = 5
const PAUSE_MS = 3_000

/**
 * 55P03: not within the second that a function of migrations/0015_price_history_months.sql waits for a lock; 40P01: a
 * deadlock; 23514: a row came to the default partition while its month was made.
 * https://www.postgresql.org/docs/18/errcodes-appendix.html
 */
const BUSY = new Set(['55P03', '40P01', '23514'])

/**
 * Calls a function that changes tables, and again while somebody holds a lock on them.
 * @returns its result, or `busy` where the lock was not free at any time: the next run tries again
 */
export async function changeTables<Result>(
  pool: Pool,
  call: string,
  values: readonly unknown[],
  deadlineMs: number,
  pauseMs = PAUSE_MS,
): Promise<Result | 'busy'> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { rows } = await pool.query<{ result: Result }>(`select ${call} as result`, [...values])
      return rows[0]?.result as Result
    } catch (error) {
      if (!BUSY.has(codeOf(error) ?? '')) throw error
    }
    if (attempt === ATTEMPTS || Date.now() + pauseMs > deadlineMs) return 'busy'
    await sleep(pauseMs)
  }
}
