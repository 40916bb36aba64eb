import type { Pool, PoolClient } from 'pg'
import { codeOf, KeeperError } from '../errors.ts'
import { isConflict, isSqlState, isStoredAlready, needsNewConnection } from './sql-errors.ts'

/** What is done in a transaction. Both steps must be safe to run again. */
export interface TransactionSteps<Opened, Result> {
  /**
   * Queries that are sent along with the begin, and work of this side meanwhile. It must not write: whether the
   * transaction has begun is not known yet.
   */
  readonly open: (client: PoolClient) => Promise<Opened>
  /** Sends all its statements before it returns; the commit is sent right behind them. */
  readonly store: (client: PoolClient, opened: Opened) => Promise<InFlight<Result>>
}

/**
 * The result of statements that were sent and are not answered yet: the next ones, and the commit, do not wait for it.
 * Where one of them fails, Postgres refuses those behind it and answers the commit with a rollback.
 */
export interface InFlight<Result> {
  readonly answers: Promise<Result>
}

/** Deadlocks and serialization failures are tried again this often before the batch fails. */
const MAX_CONFLICT_RETRIES = 4

/**
 * Milliseconds until the begin is answered, which waits for no lock and reads nothing. A connection that was idle may
 * be dead without a word (a halted backend, a NAT table that lost it), and would hold the batch until its deadline.
 */
const FIRST_ANSWER_MS = 5_000

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
 * Runs `steps` in one transaction and commits it. A conflict with another transaction is tried again after a short
 * pause, a lost or silent connection once on a new one.
 * Where the commit's answer was lost, the steps may be committed and are repeated: what they store must be idempotent.
 * @param deadlineMs milliseconds since 1970 by which it is over or given up; the server and the client both hold to it
 * @throws KeeperError `deadline_reached` (retriable) where no time is left
 * @throws what `steps` or Postgres threw last
 */
export async function withTransaction<Opened, Result>(
  pool: Pool,
  deadlineMs: number,
  steps: TransactionSteps<Opened, Result>,
): Promise<Result> {
  let reconnected = false
  for (let conflicts = 0; ; ) {
    try {
      return await attempt(pool, deadlineMs, steps)
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
 * The answers to statements that were sent one behind the other. It throws the error of the first one that failed:
 * Postgres refuses those behind it only because the transaction is aborted (25P02), and read together with it such an
 * answer can arrive here first. What is not an answer, such as an error of our own code, is thrown at once.
 */
export async function allAnswered<Answers extends readonly unknown[] | []>(answers: Answers) {
  await Promise.all(answers.map((answer) => Promise.resolve(answer).catch(throwUnlessAnswer)))
  // Of promises that are all settled it throws the first one's error.
  return Promise.all(answers)
}

function throwUnlessAnswer(error: unknown): void {
  if (!isSqlState(codeOf(error))) throw error
}

async function attempt<Opened, Result>(
  pool: Pool,
  deadlineMs: number,
  { open, store }: TransactionSteps<Opened, Result>,
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
  let late: KeeperError | undefined
  const watchdog = setTimeout(() => {
    late = new KeeperError('deadline_reached', 'Postgres did not answer in time.', { retriable: true })
    closeSocket(client, late)
  }, leftMs)
  try {
    const begin = {
      text: `begin; set local statement_timeout = ${leftMs}; ${PLANNER_SETTINGS}`,
      query_timeout: FIRST_ANSWER_MS,
    }
    const begun = client.query(begin)
    const [, opened] = await allAnswered([begun, open(client)])
    const { answers } = await store(client, opened)
    // A statement that our own side could not send has failed by now, and Postgres does not know of it.
    await Promise.race([answers, ioTurn()])
    const [result, commit] = await allAnswered([answers, client.query('commit')])
    if (commit.command !== 'COMMIT') throw new Error(`Postgres answered the commit with ${commit.command}.`)
    return result
  } catch (error) {
    if (!broken && needsNewConnection(error)) broken = error as Error
    if (!broken && !late) await client.query('rollback').catch((failure: Error) => (broken = failure))
    throw late ?? error
  } finally {
    clearTimeout(watchdog)
    client.off('error', onError)
    client.release(late ?? broken)
  }
}

/** Ends the connection without waiting for the server, which does not answer. */
function closeSocket(client: PoolClient, reason: Error): void {
  const { connection } = client as PoolClient & { connection?: { stream: { destroy(error: Error): void } } }
  connection?.stream.destroy(reason)
}

/** The next turn of the event loop: whatever fails without waiting for an answer has failed by then. */
const ioTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
