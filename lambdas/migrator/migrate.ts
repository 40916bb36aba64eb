import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClientBase } from 'pg'
import { KeeperError, messageOf } from '../core/errors.ts'

/** The result of a run of the migrator. */
export interface MigrationResult {
  /** The files applied now, in order; empty if the schema was up to date. */
  readonly applied: readonly string[]
  /** Applied migrations that this version of Keeper does not have, because it was rolled back. */
  readonly newer: readonly string[]
}

interface Migration {
  readonly version: number
  readonly name: string
  readonly checksum: string
  readonly sql: string
  /** The oldest version of the code that works with the resulting schema. */
  readonly oldestCode: number
}

interface AppliedMigration {
  readonly version: number
  readonly name: string
  readonly checksum: string
}

/** In a migration's file, `-- oldest code: 0002` means: code that knows migrations up to 2 works with this schema. */
const OLDEST_CODE = /^-- oldest code: (\d{4})$/m

/** An arbitrary number shared by all migrators, so that one runs at a time. */
const ADVISORY_LOCK = 7_283_461

const CREATE_TABLE = `
create table if not exists schema_migrations (
  version integer primary key,
  name text not null,
  checksum text not null,
  applied_at timestamptz not null default now()
);
alter table schema_migrations add column if not exists oldest_code integer not null default 1;
comment on column schema_migrations.oldest_code is
  'The oldest version of the code (the number of the newest migration that it knows) that works with this schema.'`

/**
 * Applies the files of `directory` that have not been applied yet, each in its own transaction, in the order of their
 * numbers. Waits for another migrator that is running.
 * A schema that is newer than the directory is left unchanged: CloudFormation invokes the old migrator when it rolls a
 * deployment back. Functions that are too old for the schema detect it themselves (core/postgres/schema-version.ts).
 * @throws KeeperError `database_encoding` if the database cannot store every title
 * @throws KeeperError `migration_changed` if an applied file has changed since
 * @throws KeeperError `migration_out_of_order` if a file that is not applied comes before an applied one
 * @throws KeeperError `migration_failed` naming the file and Postgres's reason; earlier files stay applied
 */
export async function migrate(client: ClientBase, directory: string): Promise<MigrationResult> {
  const migrations = await readMigrations(directory)
  await checkEncoding(client)
  await client.query('select pg_advisory_lock($1)', [ADVISORY_LOCK])
  try {
    await client.query(CREATE_TABLE)
    const { rows } = await client.query<AppliedMigration>(
      'select version, name, checksum from schema_migrations order by version',
    )
    for (const row of rows) checkApplied(row, migrations)
    const done = new Set(rows.map((row) => row.version))
    const pending = migrations.filter((migration) => !done.has(migration.version))
    checkOrder(pending, rows.at(-1))
    for (const migration of pending) await apply(client, migration)
    const known = new Set(migrations.map(({ version }) => version))
    return {
      applied: pending.map(({ name }) => name),
      newer: rows.filter(({ version }) => !known.has(version)).map(({ name }) => name),
    }
  } finally {
    await client.query('select pg_advisory_unlock($1)', [ADVISORY_LOCK]).catch(() => undefined)
  }
}

/** Titles are Unicode; in another encoding, a title that cannot be represented would send its price to quarantine. */
async function checkEncoding(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ name: string; encoding: string }>(
    "select current_database() as name, current_setting('server_encoding') as encoding",
  )
  const [{ name = '', encoding = '' } = {}] = rows
  if (encoding === 'UTF8') return
  throw new KeeperError(
    'database_encoding',
    `The database ${name} has the encoding ${encoding}: create it with ENCODING 'UTF8' and deploy again.`,
  )
}

async function readMigrations(directory: string): Promise<readonly Migration[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort()
  const migrations = await Promise.all(
    names.map(async (name) => {
      const version = /^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1]
      if (!version) {
        throw new KeeperError(
          'migration_name',
          `${name} is not a valid migration name: use the form 0001_what_it_does.sql.`,
        )
      }
      const sql = await readFile(join(directory, name), 'utf8')
      return {
        version: Number(version),
        name,
        sql,
        checksum: createHash('sha256').update(sql).digest('hex'),
        oldestCode: Number(OLDEST_CODE.exec(sql)?.[1] ?? version),
      }
    }),
  )
  const twice = migrations.find((migration, index) => migrations[index - 1]?.version === migration.version)
  if (twice)
    throw new KeeperError('migration_name', `Two migrations have the number of ${twice.name}; renumber one.`)
  return migrations
}

function checkApplied(row: AppliedMigration, migrations: readonly Migration[]): void {
  const known = migrations.find((migration) => migration.version === row.version)
  if (!known || known.checksum === row.checksum) return
  throw new KeeperError(
    'migration_changed',
    `${known.name} has been changed since it was applied. Restore it, and write the change as a new migration.`,
  )
}

/** Two branches may have used the same next number; a migration tested after another must not be applied before it. */
function checkOrder(pending: readonly Migration[], newest: AppliedMigration | undefined): void {
  const late = pending.find(({ version }) => newest !== undefined && version < newest.version)
  if (!late) return
  throw new KeeperError(
    'migration_out_of_order',
    `${late.name} has not been applied, but comes before ${newest?.name}, which has. Give it the next free number.`,
  )
}

async function apply(client: ClientBase, migration: Migration): Promise<void> {
  await client.query('begin')
  try {
    // First, so that a second migrator without the lock stops here and not halfway through the file.
    const { version, name, checksum, oldestCode } = migration
    await client.query(
      'insert into schema_migrations (version, name, checksum, oldest_code) values ($1, $2, $3, $4)',
      [version, name, checksum, oldestCode],
    )
    await client.query(migration.sql)
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw new KeeperError('migration_failed', `${migration.name}: ${messageOf(error)}`, { cause: error })
  }
}
