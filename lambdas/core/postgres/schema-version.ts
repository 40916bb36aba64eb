import type { ClientBase } from 'pg'
import { KeeperError } from '../errors.ts'

/** The number of the newest migration that this code knows. */
export const SCHEMA_VERSION = 20

const OLDEST_CODE = 'select max(oldest_code) as oldest from schema_migrations'

/**
 * Checks on each new connection that this code works with the schema, which is newer after a rollback. Each migration
 * names the oldest code that works with it (`-- oldest code: 0002`). Older code reads and writes nothing, and batches
 * are redelivered until the code is rolled forward.
 * @throws KeeperError `schema_newer` (retriable)
 */
export async function checkSchemaVersion(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ oldest: number }>(OLDEST_CODE)
  const oldest = rows[0]?.oldest ?? 0
  if (oldest <= SCHEMA_VERSION) return
  throw new KeeperError(
    'schema_newer',
    `The database's schema needs code that knows migration ${oldest}; this code knows migrations up to ${SCHEMA_VERSION}. Deploy the version that added migration ${oldest}, or a later one.`,
    { retriable: true },
  )
}
