import type { Pool, PoolClient } from 'pg'
import { codeOf, KeeperError } from '../errors.ts'
import { isConflict, isSqlState, isStoredAlready, needsNewConnection } from './sql-errors.ts'

/** The steps of a transaction. Both must be safe to repeat. */
export interface TransactionSteps<Opened, Result> {
  /**
   * Sends queries along with the begin, and may work while they run. It must not write, because the transaction may not
   * have begun.
   */
  readonly open: (client: PoolClient) => Promise<Opened>
  /** Sends all its statements before it returns; the commit is sent right after them. */
  readonly store: (client: PoolClient, opened: Opened) => Promise<InFlight<Result>>
}

/**
 * The result of statements that were sent but not answered yet; further statements and the commit do not wait for it.
 * If one fails, Postgres refuses the later ones and answers the commit with a rollback.
 */
export interface InFlight<Result> {
  readonly answers: Promise<Result>
}

/** How often a conflict is retried before the batch fails. */
const MAX_CONFLICT_RETRIES = 4

/**
 * Timeout of the begin, which waits for no lock and reads nothing. An idle connection may have died silently (a halted
 * backend, a lost NAT entry) and would otherwise block the batch until its deadline.
 */
const FIRST_ANSWER_MS = 5_000

/*
 * jit: compiling a statement that runs for a fraction of a second takes longer than it saves.
 * random_page_cost: tables are read by key, from memory or a solid-state disk.
 * Hash joins and sequential scans are off, so that in every remaining plan an update visits rows in key order, which
 * prevents deadlocks.
 * Statements have no name, so that each is planned for its own arrays: a cached plan assumes ten elements, whatever an
 * array's length.
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
 * Runs `steps` in one transaction and commits it. A conflict with another transaction is retried after a short pause; a
 * lost or silent connection is retried once, on a new one.
 * If the commit's answer is lost, the steps may have been committed and still run again: they must be idempotent.
 * @param deadlineMs milliseconds since 1970 by which it has ended; server and client both enforce it
 * @throws KeeperError `deadline_reached` (retriable) if no time is left
 * @throws the last error of `steps` or Postgres
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
        // Another transaction stored the same row and has committed: there is nothing to wait for.
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
 * Waits for the answers to statements sent one after another, and throws the error of the first that failed. Postgres
 * refuses the later ones only because the transaction is aborted (25P02); when several answers are read at once, such a
 * refusal can settle first. Any other error, such as a bug in our code, is thrown at once.
 */
export async function allAnswered<Answers extends readonly unknown[] | []>(answers: Answers) {
  await Promise.all(answers.map((answer) => Promise.resolve(answer).catch(throwUnlessAnswer)))
  // All are settled, so this throws the error of the first in order.
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
  // A lost connection is also reported by the running query; without a listener this event would end the process.
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
    // A statement that could not be sent has failed by now, and Postgres never saw it.
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

/** Closes the connection without waiting for a server that does not answer. */
function closeSocket(client: PoolClient, reason: Error): void {
  const { connection } = client as PoolClient & { connection?: { stream: { destroy(error: Error): void } } }
  connection?.stream.destroy(reason)
}

/** The next turn of the event loop: anything that fails without waiting for an answer has failed by then. */
const ioTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
