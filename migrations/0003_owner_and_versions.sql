-- The owner of the tables signs in with IAM tokens from now on, and functions read which code the schema works with.
-- oldest code: 0002

-- Whoever creates a role becomes a member of it, and the roles of 0002 hold rds_iam: RDS takes no password from the
-- owner any more. Said outright, a token works as well. https://www.postgresql.org/docs/18/sql-createrole.html
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
  '[{"key": name, "value": base64 or null}] in the order of the record; a name may come again.';
