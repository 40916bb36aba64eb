import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClientBase } from 'pg'
import { KeeperError, messageOf } from '../core/errors.ts'

/** What one run of the migrator did. */
export interface MigrationResult {
  /** Files applied now, in order; empty where the schema was up to date. */
  readonly applied: readonly string[]
}

interface Migration {
  readonly version: number
  readonly name: string
  readonly checksum: string
  readonly sql: string
}

/** An arbitrary number, the same for every migrator: one of them runs at a time. */
const ADVISORY_LOCK = 7_283_461

const CREATE_TABLE = `
create table if not exists schema_migrations (
  version integer primary key,
  name text not null,
  checksum text not null,
  applied_at timestamptz not null default now()
)`

/**
 * Applies every file of `directory` that was not applied yet, each in its own transaction, in the order of their
 * numbers. Waits for another migrator that is at work.
 * @throws KeeperError `migration_changed` where an applied file is no longer what was applied
 * @throws KeeperError `schema_newer` where the database knows a version that the directory does not have
 * @throws KeeperError `migration_out_of_order` where a file that is not applied comes before one that is
 * @throws KeeperError `migration_failed` naming the file and Postgres's reason; what came before it stays applied
 */
export async function migrate(client: ClientBase, directory: string): Promise<MigrationResult> {
  const migrations = await readMigrations(directory)
  await client.query('select pg_advisory_lock($1)', [ADVISORY_LOCK])
  try {
    await client.query(CREATE_TABLE)
    const { rows } = await client.query<{ version: number; name: string; checksum: string }>(
      'select version, name, checksum from schema_migrations order by version',
    )
    for (const row of rows) checkApplied(row, migrations)
    const done = new Set(rows.map((row) => row.version))
    const pending = migrations.filter((migration) => !done.has(migration.version))
    checkOrder(pending, rows.at(-1))
    for (const migration of pending) await apply(client, migration)
    return { applied: pending.map((migration) => migration.name) }
  } finally {
    await client.query('select pg_advisory_unlock($1)', [ADVISORY_LOCK]).catch(() => undefined)
  }
}

async function readMigrations(directory: string): Promise<readonly Migration[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort()
  const migrations = await Promise.all(
    names.map(async (name) => {
      const version = /^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1]
      if (!version) {
        throw new KeeperError(
          'migration_name',
          `${name} is no migration's name; it takes 0001_what_it_does.sql.`,
        )
      }
      const sql = await readFile(join(directory, name), 'utf8')
      return { version: Number(version), name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    }),
  )
  const twice = migrations.find((migration, index) => migrations[index - 1]?.version === migration.version)
  if (twice)
    throw new KeeperError('migration_name', `Two migrations have the number of ${twice.name}; renumber one.`)
  return migrations
}

function checkApplied(
  row: { version: number; name: string; checksum: string },
  migrations: readonly Migration[],
): void {
  const known = migrations.find((migration) => migration.version === row.version)
  if (!known) {
    throw new KeeperError(
      'schema_newer',
      `The database has migration ${row.name}, which this version of Keeper does not know. Deploy the version that brought it, or a later one.`,
    )
  }
  if (known.checksum === row.checksum) return
  throw new KeeperError(
    'migration_changed',
    `${known.name} was applied and has been changed since. Put it back as it was and write the change as a new migration.`,
  )
}

/** Two branches may have taken the same next number: what was tested after the other is not applied before it. */
function checkOrder(
  pending: readonly Migration[],
  newest: { version: number; name: string } | undefined,
): void {
  const late = pending.find(({ version }) => newest !== undefined && version < newest.version)
  if (!late) return
  throw new KeeperError(
    'migration_out_of_order',
    `${late.name} is not applied and comes before ${newest?.name}, which is. Give it the next free number.`,
  )
}

async function apply(client: ClientBase, migration: Migration): Promise<void> {
  await client.query('begin')
  try {
    // First, so that a second migrator without the lock would stop here and not half-way through the file.
    await client.query('insert into schema_migrations (version, name, checksum) values ($1, $2, $3)', [
      migration.version,
      migration.name,
      migration.checksum,
    ])
    await client.query(migration.sql)
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw new KeeperError('migration_failed', `${migration.name}: ${messageOf(error)}`, { cause: error })
  }
}
