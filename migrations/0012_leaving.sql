-- What people have left, which deals they were sent and what they were told about watches that cannot fire; and the users
-- of the public page and of the function that removes what is old.
-- oldest code: 0002

do $$
declare
  name text;
begin
  foreach name in array array['keeper_links', 'keeper_maintenance'] loop
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

-- The kinds of messages that a user does not want any more; digests are alerts. Who leaves everything has a row for each
-- kind, so that one of them can be taken back alone.
create table left_kinds (
  user_id bigint not null references users (id) on delete cascade,
  kind text not null check (kind in ('alert', 'report', 'notice')),
  left_at timestamptz not null default now(),
  primary key (user_id, kind)
);

-- The deals that a report's message told, at the prices that it told. The message and its deals expire together.
create table reported_deals (
  message_id bigint not null references messages (id) on delete cascade,
  user_id bigint not null references users (id) on delete cascade,
  asin text collate "C" not null,
  domain text collate "C" not null,
  price numeric(12, 2) not null,
  primary key (user_id, domain, asin, price, message_id)
);
create index reported_deals_message on reported_deals (message_id);

-- Watches that cannot fire and whose users know it. The row goes when the product recovers, so that the next time is told.
create table watch_notices (
  watch_id bigint primary key references watches (id) on delete cascade,
  reason text not null check (reason in ('invalid', 'redirected', 'gone')),
  noticed_at timestamptz not null default now()
);

-- Finds the products whose watches cannot fire without reading all of them.
create index watched_products_stuck on watched_products (id)
  where keepa_problem is not null or unavailable_since is not null;

-- What is old is found by these.
create index messages_old on messages (created_at) where status <> 'PENDING';
create index price_alerts_superseded on price_alerts (triggered_at) where status = 'SUPERSEDED';
create index deal_reports_old on deal_reports (created_at);

grant select on left_kinds, reported_deals, watch_notices to keeper_operator_reader, keeper_operator;
grant insert (user_id, kind), delete on left_kinds to keeper_operator;

grant select on left_kinds, reported_deals, watch_notices, deal_reports to keeper_notifier;
grant insert (user_id, kind, local_day, content) on messages to keeper_notifier;
grant update (message_id) on deal_reports to keeper_notifier;
grant insert on reported_deals to keeper_notifier;
grant insert (watch_id, reason), delete on watch_notices to keeper_notifier;

grant select on reported_deals, watched_products to keeper_daily_deal_report;
grant select (id, status) on messages to keeper_daily_deal_report;

-- The public page sees no address, no price and no other person's rows by more than their ids.
grant select (id, locale) on users to keeper_links;
grant select (id, user_id, product_id, status) on watches to keeper_links;
grant update (status, updated_at) on watches to keeper_links;
grant select (id, asin, domain, title) on watched_products to keeper_links;
grant select (user_id, kind), insert (user_id, kind), delete on left_kinds to keeper_links;
grant select on schema_migrations to keeper_links, keeper_maintenance;

grant select (id, status, created_at), delete on messages to keeper_maintenance;
grant select (id, rejected_at), delete on rejected_records to keeper_maintenance;
grant select (id, status, triggered_at), delete on price_alerts to keeper_maintenance;
grant select (id, created_at), delete on deal_reports to keeper_maintenance;
