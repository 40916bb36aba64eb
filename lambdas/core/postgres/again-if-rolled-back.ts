import { isRolledBack } from './sql-errors.ts'

/** With so many others in the way, one more try would not help. */
const MOST_REPEATS = 4

/**
 * Repeats a transaction that Postgres ended in favour of another one. Without a pause: the other one has what it waited for.
 * @param transaction a statement, or `inTransaction`; all of it may run again
 * @throws the last error
 */
export async function againIfRolledBack<Result>(transaction: () => Promise<Result>): Promise<Result> {
  for (let repeats = 0; ; repeats += 1) {
    try {
      return await transaction()
    } catch (error) {
      if (!isRolledBack(error) || repeats === MOST_REPEATS) throw error
    }
  }
}
