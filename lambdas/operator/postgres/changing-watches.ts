import type { Pool, PoolClient } from 'pg'
import { againIfRolledBack } from '../../core/postgres/again-if-rolled-back.ts'
import { inTransaction } from '../../core/postgres/in-transaction.ts'

/**
 * Changes watches in one transaction. A trigger on watches locks their products in the consumers' order
 * (watches_changed, migrations/0009_history_imports.sql), but again for each statement: a change of several watches may
 * wait for a consumer that waits for it. If Postgres then ends this one of the two, it is repeated.
 * @param work all of it may run again
 */
export const changingWatches = <Result>(
  pool: Pool,
  work: (client: PoolClient) => Promise<Result>,
): Promise<Result> => againIfRolledBack(() => inTransaction(pool, work))

/*
 * A consumer holds products, and then locks their watches against deletion (lambdas/core/prices/price-alerts.ts). A delete
 * alone would hold the watches, and then wait in the trigger for the products. An update does not hold them against such a
 * lock, and its trigger locks the products: the delete after it waits for no consumer.
 */
const LOCK = 'update watches set updated_at = now() where'

/** Removes watches, with their alerts. Returns how many. */
export async function removeWatches(client: PoolClient, ids: readonly string[]): Promise<number> {
  await client.query(`${LOCK} id = any ($1)`, [ids])
  return (await client.query('delete from watches where id = any ($1)', [ids])).rowCount ?? 0
}

/** Removes a user with everything of theirs. Once the user is locked, nobody adds a watch of theirs. */
export async function removePerson(client: PoolClient, id: string): Promise<void> {
  await client.query('select from users where id = $1 for update', [id])
  await client.query(`${LOCK} user_id = $1`, [id])
  await client.query('delete from users where id = $1', [id])
}
