import type { Pool } from 'pg'
import { changeTables } from './ddl.ts'
import type { EarliestOffset } from './earliest-in-kafka.ts'

/*
 * A partition is split by month, or thinned, by copying it in steps and replacing it at the end
 * (migrations/0015_price_history_months.sql). What a run has copied the next one need not copy again, and until the end
 * nobody sees the copy, so that a run may stop or die anywhere. Readers and consumers never wait for more than the second
 * that the replacing waits for them.
 */

/** Blocks of a step of a split, some 170,000 rows, and products of a step of thinning: a second or two. */
const BLOCKS = 2_000
const PRODUCTS = 1_000

/** A step is not begun later than this before the end. */
const STEP_MS = 20_000

export interface RewriteDependencies {
  readonly pool: Pool
  readonly deadlineMs: number
  /** Steps by their size; smaller ones in tests. */
  readonly blocks?: number
  readonly products?: number
  readonly pauseMs?: number
}

/** What became of a partition in a run. */
export interface Rewritten {
  readonly partition: string
  /** `replaced`, or left to the next run: `copying` where time ran out, `busy` where the history was in use. */
  readonly state: 'replaced' | 'copying' | 'busy'
  /** Rows of the partition so far, and those that the copy has. */
  readonly read: number
  readonly kept: number
}

interface Work {
  readonly source: string
  readonly purpose: 'split' | 'thin'
  readonly read: string
  readonly kept: string
}

const WORK = 'select source, purpose, rows_read as read, rows_kept as kept from price_history_rewriting'

/** The partition that is being copied, if any. */
export async function currentWork(pool: Pool): Promise<Work | undefined> {
  return (await pool.query<Work>(WORK)).rows[0]
}

/** Copies a partition, or goes on where an earlier run stopped, and replaces it. */
export async function rewrite(
  source: string,
  purpose: Work['purpose'],
  earliest: readonly EarliestOffset[],
  dependencies: RewriteDependencies,
): Promise<Rewritten> {
  const { pool, deadlineMs, pauseMs, blocks = BLOCKS, products = PRODUCTS } = dependencies
  const change = <Result>(call: string, ...values: readonly unknown[]) =>
    changeTables<Result>(pool, call, values, deadlineMs, pauseMs)
  const report = async (state: Rewritten['state'], last?: Work): Promise<Rewritten> => {
    const { read, kept } = last ?? (await currentWork(pool)) ?? { read: 0, kept: 0 }
    return { partition: source, state, read: Number(read), kept: Number(kept) }
  }

  if (
    !(await currentWork(pool)) &&
    (await change('history_rewrite_begin($1, $2)', source, purpose)) === 'busy'
  )
    return report('busy')
  for (let isDone = false; !isDone; ) {
    if (Date.now() + STEP_MS > deadlineMs) return report('copying')
    if (purpose === 'split' && (await change('history_split_prepare($1)', blocks)) === 'busy')
      return report('busy')
    const step =
      purpose === 'split'
        ? await change<boolean>('history_split_step($1)', blocks)
        : await change<boolean>('history_thin_step($1, $2::jsonb)', products, JSON.stringify(earliest))
    if (step === 'busy') return report('busy')
    isDone = step
  }
  const last = await currentWork(pool)
  const isReplaced = (await change('history_rewrite_finish()')) !== 'busy'
  return report(isReplaced ? 'replaced' : 'busy', last)
}
