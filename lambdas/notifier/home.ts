import type { Pool } from 'pg'

/*
 * Which database this is. A restore makes another RDS instance, whose id is passed in ($1), or without one another server or
 * another timeline of it. A dump that is loaded makes another database, or another table in the same one. A failover, a
 * restart and an upgrade of the server change none of them.
 * https://www.postgresql.org/docs/18/functions-info.html#FUNCTIONS-INFO-CONTROLDATA
 */
const WHERE = `
select concat_ws(' ',
    case when $1 <> '' then $1::text else (
      select concat_ws(' ', system_identifier, timeline_id) from pg_control_system(), pg_control_checkpoint()
    ) end,
    (select oid from pg_database where datname = current_database()),
    'notifier_home'::regclass::oid
  ) as here,
  (select home from notifier_home) as home,
  (select found from notifier_home) as found
`

const SETTLE = 'insert into notifier_home (home) values ($1) on conflict do nothing'

const WAIT = `
update notifier_home
set found = $1, found_at = case when $1::text is null then null else coalesce(found_at, now()) end
`

/** Why nobody is told anything before somebody confirms it. */
export const RESTORED =
  'This database was restored from a backup, or moved: it does not know what people were told since. Replay first, then look (keeper notifier show) and confirm (keeper notifier confirm).'

/**
 * Whether this is another database than the one that people were told from until now. The first run of all settles where it
 * is; a run elsewhere says so in the database and waits, as does every later one until somebody confirms.
 * @param instance the id of the RDS instance; empty where there is none
 */
export async function isElsewhere(pool: Pool, instance: string): Promise<boolean> {
  const { rows } = await pool.query<{ here: string; home: string | null; found: string | null }>(WHERE, [
    instance,
  ])
  const { here = '', home = null, found = null } = rows[0] ?? {}
  if (home === null) {
    await pool.query(SETTLE, [here])
    return false
  }
  const elsewhere = home === here ? null : here
  if (elsewhere !== found) await pool.query(WAIT, [elsewhere])
  return elsewhere !== null
}

/* The one who confirms says up to when people were told; that is done once, before anything is gathered. */
const TOLD = `
with home as materialized (select told_until from notifier_home where told_until is not null for update),
done as (update notifier_home set told_until = null from home),
messages_told as (
  update messages set status = 'SUPERSEDED', reason = 'told before the restore'
  from home where messages.status = 'PENDING' and messages.created_at <= home.told_until
)
update price_alerts
set status = 'SENT', sent_at = home.told_until, reason = 'told before the restore'
from home
where price_alerts.status = 'PENDING' and price_alerts.triggered_at <= home.told_until
`

/** Ends what waits and was told before the database was restored. */
export async function endWhatWasTold(pool: Pool): Promise<void> {
  await pool.query(TOLD)
}
