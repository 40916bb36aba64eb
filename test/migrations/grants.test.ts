import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type FreshDatabase, freshDatabase } from '../helpers/database.ts'

/** What each function's database user may do, whoever granted it; everything else is refused by Postgres. */
const MAY: Readonly<Record<string, readonly string[]>> = {
  keeper_daily_deal_report: [
    'insert deal_reports',
    'insert producer_runs',
    'select deal_filters',
    'select deal_reports',
    'select deals',
    'select messages (id, status)',
    'select producer_runs',
    'select reported_deals',
    'select schema_migrations',
    'select users',
    'select watched_products',
    'update deal_reports',
    'update producer_runs',
  ],
  keeper_deal_collector: [
    'insert producer_runs',
    'select deals',
    'select producer_runs',
    'select schema_migrations',
    'select watched_products',
    'update producer_runs',
  ],
  keeper_deal_consumer: [
    'insert consumed_offsets',
    'insert deals',
    'insert price_alerts',
    'insert price_history',
    'insert rejected_records',
    'insert watched_products',
    'select consumed_offsets',
    'select deals',
    'select price_alerts',
    'select price_gaps',
    'select price_history',
    'select rejected_records',
    'select schema_migrations',
    'select watched_products',
    'select watches',
    'update consumed_offsets',
    'update deals',
    'update watched_products',
    'update watches (updated_at)',
  ],
  keeper_history_import: [
    'insert producer_runs',
    'select producer_runs',
    'select schema_migrations',
    'select watched_products',
    'select watches',
    'update producer_runs',
    'update watched_products (asks_buy_box, keepa_problem, keepa_problem_since, redirected_to, history_imported_at)',
  ],
  keeper_links: [
    'delete left_kinds',
    'insert left_kinds (user_id, kind)',
    'select left_kinds (user_id, kind)',
    'select schema_migrations',
    'select users (id, locale)',
    'select watched_products (id, asin, domain, title)',
    'select watches (id, user_id, product_id, status)',
    'update watches (status, updated_at)',
  ],
  keeper_mail_events: [
    'select deliveries (id, message_id, channel_id, channel_kind, address, status, provider_id)',
    'select notification_channels (id, kind, address, disabled_at)',
    'select schema_migrations',
    'select users (id, email, email_disabled_at)',
    'update deliveries (status, reason, provider_id)',
    'update notification_channels (disabled_at, disabled_reason)',
    'update users (email_disabled_at, email_disabled_reason)',
  ],
  keeper_maintenance: [
    'delete deal_reports',
    'delete messages',
    'delete price_alerts',
    'delete price_gaps',
    'delete price_history_other',
    'delete rejected_records',
    'execute history_analyze',
    'execute history_forget_month',
    'execute history_make_month',
    'execute history_rewrite_begin',
    'execute history_rewrite_cancel',
    'execute history_rewrite_finish',
    'execute history_split_prepare',
    'execute history_split_step',
    'execute history_thin_step',
    'select deal_reports (id, created_at)',
    'select messages (id, status, created_at)',
    'select price_alerts (id, status, triggered_at)',
    'select price_gaps',
    'select price_history',
    'select price_history_other',
    'select price_history_partitions',
    'select price_history_rewriting',
    'select price_history_thinned',
    'select rejected_records (id, rejected_at)',
    'select schema_migrations',
  ],
  keeper_notifier: [
    'delete watch_notices',
    'insert deliveries',
    'insert messages (user_id, kind, local_day, content)',
    'insert notifier_home (home)',
    'insert reported_deals',
    'insert watch_notices (watch_id, reason)',
    'select deal_reports',
    'select deliveries',
    'select left_kinds',
    'select messages',
    'select notification_channels',
    'select notifier_home',
    'select price_alerts',
    'select price_gaps',
    'select price_history',
    'select reported_deals',
    'select schema_migrations',
    'select users',
    'select watch_notices',
    'select watched_products',
    'select watches',
    'update deal_reports (message_id)',
    'update deliveries (status, reason, provider_id, not_before)',
    'update messages (status, reason, due_at, attempts, lease_token, lease_until, sent_at, content)',
    'update notification_channels (disabled_at, disabled_reason)',
    'update notifier_home (found, found_at, told_until)',
    'update price_alerts (status, sent_at, notification_channel, message_id, told_price, reason)',
    'update users (email_disabled_at, email_disabled_reason)',
  ],
  keeper_operator: [
    'delete deal_filters',
    'delete left_kinds',
    'delete notification_channels',
    'delete users',
    'delete watches',
    'insert deal_filters',
    'insert left_kinds (user_id, kind)',
    'insert messages (user_id, kind, content)',
    'insert notification_channels (user_id, kind, address, secret)',
    'insert users (email)',
    'insert watched_products (asin, domain, title, currency)',
    'insert watches',
    'select consumed_offsets',
    'select deal_filters',
    'select deal_reports',
    'select deals',
    'select deliveries',
    'select left_kinds',
    'select messages',
    'select notification_channels (id, user_id, kind, address, disabled_at, disabled_reason, created_at)',
    'select notifier_home',
    'select price_alerts',
    'select price_gaps',
    'select price_history',
    'select price_history_other',
    'select price_history_partitions',
    'select price_history_rewriting',
    'select price_history_thinned',
    'select producer_runs',
    'select product_words',
    'select rejected_records',
    'select reported_deals',
    'select schema_migrations',
    'select users',
    'select watch_notices',
    'select watched_products',
    'select watches',
    'update notification_channels (secret, disabled_at, disabled_reason)',
    'update notifier_home (home, found, found_at, confirmed_at, told_until)',
    'update rejected_records (redriven_at)',
    'update users (locale, time_zone, quiet_from, quiet_until, digest_at, email_disabled_at, email_disabled_reason)',
    'update watches (target_price, status, updated_at, snoozed_until, snooze_lets_target_through)',
  ],
  keeper_operator_reader: [
    'select consumed_offsets',
    'select deal_filters',
    'select deal_reports',
    'select deals',
    'select deliveries',
    'select left_kinds',
    'select messages',
    'select notification_channels (id, user_id, kind, address, disabled_at, disabled_reason, created_at)',
    'select notifier_home',
    'select price_alerts',
    'select price_gaps',
    'select price_history',
    'select price_history_other',
    'select price_history_partitions',
    'select price_history_rewriting',
    'select price_history_thinned',
    'select producer_runs',
    'select product_words',
    'select rejected_records',
    'select reported_deals',
    'select schema_migrations',
    'select users',
    'select watch_notices',
    'select watched_products',
    'select watches',
  ],
  keeper_price_check: [
    'insert producer_runs',
    'select producer_runs',
    'select schema_migrations',
    'select watched_products',
    'select watches',
    'update producer_runs',
    'update watched_products (asks_buy_box, keepa_problem, keepa_problem_since, redirected_to)',
  ],
  keeper_price_consumer: [
    'insert consumed_offsets',
    'insert price_alerts',
    'insert price_gaps',
    'insert price_history',
    'insert rejected_records',
    'select consumed_offsets',
    'select price_alerts',
    'select price_gaps',
    'select price_history',
    'select rejected_records',
    'select schema_migrations',
    'select watched_products',
    'select watches',
    'update consumed_offsets',
    'update price_gaps (time_flag)',
    'update watched_products',
    'update watches (updated_at)',
  ],
  keeper_search_indexer: [
    'insert consumed_offsets',
    'insert rejected_records',
    'select consumed_offsets',
    'select schema_migrations',
    'update consumed_offsets',
  ],
}

let database: FreshDatabase
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.drop())

const ROLES = "(select oid, rolname from pg_roles where rolname like 'keeper\\_%') as role"

/**
 * A privilege on a table counts for its columns; one on some of its columns names them. Of functions those count that run with
 * the owner's rights and can be called, which triggers cannot. Partitions by month are made as months come: nobody is granted
 * one, so none is in the list.
 */
const PRIVILEGES = `
select role.rolname as role, (select json_agg(line order by line) from (
  select format('%s %s%s', lower(privilege), relation.relname,
    case when not has_table_privilege(role.oid, relation.oid, privilege) then format(' (%s)', columns.names) end) as line
  from pg_class as relation
  cross join unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN']) as privilege
  cross join lateral (
    select string_agg(attname, ', ' order by attnum) as names from pg_attribute
    where attrelid = relation.oid and attnum > 0 and not attisdropped
      and privilege in ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
      and has_column_privilege(role.oid, relation.oid, attnum, privilege)
  ) as columns
  where relation.relkind in ('r', 'p', 'v', 'm') and relation.relnamespace = 'public'::regnamespace
    and (has_table_privilege(role.oid, relation.oid, privilege) or columns.names is not null)
  union all
  select format('execute %s', proname) from pg_proc
  where prosecdef and pronamespace = 'public'::regnamespace and prorettype <> 'trigger'::regtype
    and has_function_privilege(role.oid, pg_proc.oid, 'EXECUTE')
) as lines) as may
from ${ROLES} order by role`

test("each function's user may do what is written here, and nothing else with any table", async () => {
  const { rows } = await database.pool.query<{ role: string; may: string[] }>(PRIVILEGES)
  expect(Object.fromEntries(rows.map(({ role, may }) => [role, may]))).toEqual(MAY)
})

test('no function’s user makes tables, owns anything, reads a sequence, or is more than a user', async () => {
  const { rows } = await database.pool.query(
    `select role.rolname from ${ROLES} join pg_roles using (oid)
     where rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls
       or has_schema_privilege(role.oid, 'public', 'CREATE') or has_database_privilege(role.oid, current_database(), 'CREATE')
       or exists (select from pg_class where relowner = role.oid)
       or exists (
         select from pg_sequences
         where has_sequence_privilege(role.oid, format('%I.%I', schemaname, sequencename), 'USAGE, SELECT, UPDATE')
       )
       or exists (select from pg_auth_members as given join pg_roles as other on other.oid = given.roleid
                  where given.member = role.oid and other.rolname <> 'rds_iam')`,
  )
  expect(rows).toEqual([])
})

test('what runs with the owner’s rights has a search path of its own, and nobody is let call it by default', async () => {
  const { rows } = await database.pool.query<{
    name: string
    isCallable: boolean
    settings: string[] | null
  }>(
    `select proname as name, proconfig as settings,
       prorettype <> 'trigger'::regtype and exists (
         select from aclexplode(coalesce(proacl, acldefault('f', proowner))) as given where given.grantee = 0
       ) as "isCallable"
     from pg_proc where prosecdef and pronamespace = 'public'::regnamespace order by proname`,
  )
  expect(rows.length).toBeGreaterThan(0)
  for (const { name, isCallable, settings } of rows) {
    expect([name, isCallable, settings]).toEqual([
      ...[name, false],
      expect.arrayContaining([expect.stringMatching(/^search_path=/)]),
    ])
  }
})
