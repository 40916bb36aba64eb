import type { ClientBase } from 'pg'
import { KeeperError } from '../errors.ts'

/** The number of the newest migration that this code knows. */
export const SCHEMA_VERSION = 7

const OLDEST_CODE = 'select max(oldest_code) as oldest from schema_migrations'

/**
 * Checks, at a new connection, that this code works with the schema: after a rollback the schema is newer. Each
 * migration says which code it still works with (`-- oldest code: 0002`); beyond that nothing is read or written, and
 * batches are delivered again until the code is rolled forward.
 * @throws KeeperError `schema_newer` (retriable)
 */
export async function checkSchemaVersion(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ oldest: number }>(OLDEST_CODE)
  const oldest = rows[0]?.oldest ?? 0
  if (oldest <= SCHEMA_VERSION) return
  throw new KeeperError(
    'schema_newer',
    `The database's schema works with code from migration ${oldest} on, and this code knows migration ${SCHEMA_VERSION}. Deploy the version that brought the migration, or a later one.`,
    { retriable: true },
  )
}
