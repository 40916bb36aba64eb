-- The operator's two database users: one that only reads, and one that changes what people own.
-- oldest code: 0002

do $$
declare
  name text;
begin
  foreach name in array array['keeper_operator_reader', 'keeper_operator'] loop
    begin
      execute format('create role %I login', name);
    exception when duplicate_object or unique_violation then
      null;  -- roles belong to the whole server: another database of it may have made them
    end;
    if exists (select from pg_roles where rolname = 'rds_iam') then
      execute format('grant rds_iam to %I', name);
    end if;
  end loop;
end
$$;

grant select on users, watched_products, watches, price_history, price_alerts, deals, deal_filters, deal_reports,
  rejected_records, producer_runs, consumed_offsets, schema_migrations
  to keeper_operator_reader, keeper_operator;
grant insert, update, delete on users, watches, deal_filters to keeper_operator;
grant insert (asin, domain, title, currency) on watched_products to keeper_operator;
grant update (added_by) on watched_products to keeper_operator;
grant update (redriven_at) on rejected_records to keeper_operator;
