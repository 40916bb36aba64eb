import type pg from 'pg'

/** Where the definitions of a database are: whatever changes one writes, adds or removes a row here. */
const CATALOGS = [
  'pg_attrdef',
  'pg_attribute',
  'pg_class',
  'pg_constraint',
  'pg_default_acl',
  'pg_event_trigger',
  'pg_extension',
  'pg_index',
  'pg_inherits',
  'pg_namespace',
  'pg_policy',
  'pg_proc',
  'pg_rewrite',
  'pg_sequence',
  'pg_trigger',
  'pg_type',
  // What `analyze` has found out leads to other plans.
  'pg_statistic',
]

const CHANGES = CATALOGS.map((name) => `(select (count(*), max(xmin::text::bigint)) from ${name})`)

/**
 * xmin is the transaction that wrote a row; in a copy of a database it is the original's.
 * https://www.postgresql.org/docs/18/ddl-system-columns.html
 */
const DEFINITION = `select row(${CHANGES.join(', ')},
  (select (count(*), max(datconnlimit), max(datacl::text)) from pg_database
    left join pg_db_role_setting on setdatabase = pg_database.oid
    where datname = current_database() and (setdatabase is not null or datconnlimit <> -1 or datacl is not null)),
  (select string_agg(schema_migrations::text, ' ' order by schema_migrations::text) from schema_migrations)
)::text as definition`

/** A table without statistics counts for the planner as ten pages where it has fewer: so far plans are those of a new one. */
const LARGEST = `select coalesce(max(pg_relation_size(oid)), 0) <= 10 * current_setting('block_size')::int as "isSmall"
  from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`

/** `schema_migrations` alone has rows in a migrated database. */
const EMPTY = `do $$
declare
  used regclass;
begin
  perform set_config('session_replication_role', 'replica', true);
  for used in
    select oid from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
      and relname <> 'schema_migrations' and pg_relation_size(oid) > 0
  loop
    execute 'delete from ' || used;
  end loop;
  perform setval(seqrelid, seqstart, false) from pg_sequence;
end
$$`

/** Schema, functions, rights, settings and applied migrations of the database: the same text, the same database but for rows. */
export async function definitionOf(client: pg.ClientBase): Promise<string> {
  const { rows } = await client.query<{ definition: string }>(DEFINITION)
  return rows[0]?.definition ?? ''
}

/**
 * Makes a database as it was before a test that changed rows only.
 * @param definition of the database that it is a copy of
 * @returns false, with the rows still there, where the test changed more, or left tables so large that they would matter
 */
export async function emptied(client: pg.ClientBase, definition: string): Promise<boolean> {
  const { rows } = await client.query<{ isSmall: boolean }>(LARGEST)
  if (!rows[0]?.isSmall || (await definitionOf(client)) !== definition) return false
  await emptyTables(client)
  return true
}

/** Takes a fraction of what `truncate` takes, which makes new files for each table. Only a superuser may. */
export const emptyTables = async (client: pg.ClientBase | pg.Pool): Promise<void> => {
  await client.query(EMPTY)
}
