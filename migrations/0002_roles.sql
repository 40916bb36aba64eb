-- One database user a function, each with what its SQL needs and no more. On RDS they sign in with IAM tokens
-- (rds_iam); elsewhere nobody signs in as them until someone gives them a password.
do $$
declare
  name text;
begin
  foreach name in array array[
    'keeper_price_check', 'keeper_deal_collector', 'keeper_daily_deal_report',
    'keeper_price_consumer', 'keeper_deal_consumer'
  ] loop
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

grant select on watched_products, watches to keeper_price_check;
grant select, insert, update on producer_runs to keeper_price_check, keeper_deal_collector, keeper_daily_deal_report;
grant select on watched_products, deals to keeper_deal_collector;
grant select on deals, deal_filters, users to keeper_daily_deal_report;
grant select, insert, update on deal_reports to keeper_daily_deal_report;

-- The consumers are the only writers of prices. Locking a row takes the right to update it.
grant select, update on watched_products to keeper_price_consumer, keeper_deal_consumer;
grant select, insert on price_history, price_alerts, rejected_records to keeper_price_consumer, keeper_deal_consumer;
grant select, update (updated_at) on watches to keeper_price_consumer, keeper_deal_consumer;
grant insert on watched_products to keeper_deal_consumer;
grant select, insert, update on deals to keeper_deal_consumer;
