import type { Pool, PoolClient } from 'pg'
import { KeeperError } from '../errors.ts'
import { isConflict, isStoredAlready, needsNewConnection } from './sql-errors.ts'

/** What is done in a transaction. Both parts must be safe to run again. */
export interface Work<Opened, Result> {
  /**
   * Questions that go out with the transaction's begin, and work of this side meanwhile. It must not write: whether the
   * transaction has begun is not known yet.
   */
  readonly open: (client: PoolClient) => Promise<Opened>
  readonly store: (client: PoolClient, opened: Opened) => Promise<Sent<Result>>
}

/**
 * What comes of statements that are on their way: the next ones, and the commit, do not wait for it. Where one of them
 * fails, Postgres refuses those behind it and answers the commit with a rollback.
 */
export interface Sent<Result> {
  readonly answers: Promise<Result>
}

/** Deadlocks and serialization failures are tried again this often before the batch fails. */
const MAX_CONFLICT_RETRIES = 4

/*
 * Compiling a statement (jit) that runs for a fraction of a second takes longer than it saves, and a table that is read
 * by key is in memory or on a solid-state disk. Without hash joins and scans of whole tables a statement that updates
 * rows in the order of their keys does so by every plan that is left, which keeps transactions out of deadlocks.
 * Statements are sent without a name, so that each is planned for its own arrays: a plan that is kept takes an array
 * for ten elements, whatever its length.
 */
const PLANNER_SETTINGS = [
  'jit = off',
  'random_page_cost = 1.1',
  'enable_hashjoin = off',
  'enable_seqscan = off',
]
  .map((setting) => `set local ${setting}`)
  .join('; ')

/**
 * Runs `work` in one transaction and commits it. A conflict with another transaction is tried again after a short
 * pause, a lost connection once on a new one.
 * Where the commit's own answer was lost, the work may be done and is done again: what it stores must be idempotent.
 * @param deadlineMs milliseconds since 1970 by which it is over or given up; the server and the client both hold to it
 * @throws KeeperError `deadline_reached` (retriable) where no time is left
 * @throws whatever `work` or Postgres threw last
 */
export async function withTransaction<Opened, Result>(
  pool: Pool,
  deadlineMs: number,
  work: Work<Opened, Result>,
): Promise<Result> {
  let reconnected = false
  for (let conflicts = 0; ; ) {
    try {
      return await attempt(pool, deadlineMs, work)
    } catch (error) {
      if (isConflict(error) && conflicts < MAX_CONFLICT_RETRIES) {
        conflicts += 1
        // Whoever stored the same row has committed it: nothing is left to wait for.
        if (!isStoredAlready(error)) await pause(conflicts * (20 + Math.random() * 80))
      } else if (needsNewConnection(error) && !reconnected) {
        reconnected = true
      } else {
        throw error
      }
    }
  }
}

/**
 * The answers to statements that were sent one behind the other. It throws what the first of them that failed says:
 * Postgres refuses those behind it for no other reason than that the transaction is aborted (25P02), and read together
 * with it such an answer can arrive here first.
 */
export async function allAnswered<Answers extends readonly unknown[] | []>(answers: Answers) {
  await Promise.allSettled(answers)
  // Of promises that are all settled it throws the first one's error.
  return Promise.all(answers)
}

async function attempt<Opened, Result>(
  pool: Pool,
  deadlineMs: number,
  { open, store }: Work<Opened, Result>,
): Promise<Result> {
  const leftMs = Math.floor(deadlineMs - Date.now())
  if (leftMs <= 0) {
    throw new KeeperError('deadline_reached', 'No time is left for another transaction.', { retriable: true })
  }
  const client = await pool.connect()
  let broken: Error | undefined
  // A client that is checked out reports a lost connection here as well; the running query reports it to us.
  const onError = (error: Error) => {
    broken = error
  }
  client.on('error', onError)
  const watchdog = setTimeout(() => {
    broken = new KeeperError('deadline_reached', 'Postgres did not answer in time.', { retriable: true })
    closeSocket(client)
  }, leftMs)
  try {
    const begun = client.query(`begin; set local statement_timeout = ${leftMs}; ${PLANNER_SETTINGS}`)
    const [, opened] = await allAnswered([begun, open(client)])
    const { answers } = await store(client, opened)
    const [result, commit] = await allAnswered([answers, client.query('commit')])
    if (commit.command !== 'COMMIT') throw new Error(`Postgres answered the commit with ${commit.command}.`)
    return result
  } catch (error) {
    if (!broken && needsNewConnection(error)) broken = error as Error
    if (!broken) await client.query('rollback').catch((failure: Error) => (broken = failure))
    throw broken instanceof KeeperError ? broken : error
  } finally {
    clearTimeout(watchdog)
    client.off('error', onError)
    client.release(broken)
  }
}

/** Ends the connection without waiting for the server, which does not answer. */
function closeSocket(client: PoolClient): void {
  const { connection } = client as PoolClient & { connection?: { stream: { destroy(error: Error): void } } }
  connection?.stream.destroy(new Error('connection terminated: the deadline was reached'))
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
