-- The owner of the tables can sign in with IAM tokens, and functions can read which code the schema works with.
-- oldest code: 0002

-- The creator of a role becomes a member of it, and the roles of 0002 hold rds_iam, so RDS no longer accepts the owner's
-- password. Granted directly, rds_iam also lets the owner use a token. https://www.postgresql.org/docs/18/sql-createrole.html
do $$
begin
  if exists (select from pg_roles where rolname = 'rds_iam') then
    execute format('grant rds_iam to %I', current_user);
  end if;
end
$$;

grant select on schema_migrations to keeper_price_check, keeper_deal_collector, keeper_daily_deal_report,
  keeper_price_consumer, keeper_deal_consumer;

comment on column rejected_records.headers is
  '[{"key": name, "value": base64 or null}] in the record''s order; a name may occur more than once.';
