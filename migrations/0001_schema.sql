-- Keeper's tables. Money is numeric(12,2) in the currency of the product's marketplace; times are UTC.

create table users (
  id bigint generated always as identity primary key,
  email text not null unique,
  created_at timestamptz not null default now()
);

-- A product of one marketplace. current_price is the newest observation by event time (price_at).
create table watched_products (
  id bigint generated always as identity primary key,
  -- In the C collation keys are compared byte by byte, whatever the server's language.
  -- Checks are made at every change of the row, so they are cheap ones; the events are validated before.
  asin text collate "C" not null check (length(asin) = 10),
  domain text collate "C" not null,
  title text not null default '',
  currency text not null,
  current_price numeric(12, 2) check (current_price > 0),
  previous_price numeric(12, 2),
  price_at timestamptz,
  -- The highest target of its active watches, kept by triggers on watches: a price above it raises no alert.
  highest_target numeric(12, 2),
  -- 'deal' where a deal made the row: such a product is checked for prices only once somebody watches it.
  added_by text not null default 'user' check (added_by in ('user', 'deal')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- Domain first: the index also serves the price check, which reads page by page in this order.
  unique (domain, asin)
) with (fillfactor = 80);  -- room for the new price on the row's own page (heap-only update), as no index holds a price

create table watches (
  id bigint generated always as identity primary key,
  user_id bigint not null references users (id) on delete cascade,
  product_id bigint not null references watched_products (id) on delete cascade,
  -- The wished price; null or 0: no target, the product is watched for its history alone.
  target_price numeric(12, 2) check (target_price >= 0),
  status text not null default 'ACTIVE' check (status in ('ACTIVE', 'PAUSED', 'INACTIVE')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (product_id, user_id)
);
create index watches_user on watches (user_id);

create function keep_highest_target() returns trigger language plpgsql as $$
begin
  update watched_products as product
  set highest_target = wanted.target
  from (
    select changed.product_id, max(watch.target_price) as target
    from (select distinct product_id from changed) as changed
    left join watches as watch
      on watch.product_id = changed.product_id and watch.status = 'ACTIVE' and watch.target_price > 0
    group by changed.product_id
  ) as wanted
  where product.id = wanted.product_id and product.highest_target is distinct from wanted.target;
  return null;
end
$$;
create trigger highest_target_inserted after insert on watches
  referencing new table as changed for each statement execute function keep_highest_target();
create trigger highest_target_updated after update on watches
  referencing new table as changed for each statement execute function keep_highest_target();
create trigger highest_target_moved after update on watches
  referencing old table as changed for each statement execute function keep_highest_target();
create trigger highest_target_deleted after delete on watches
  referencing old table as changed for each statement execute function keep_highest_target();

create type price_source as enum ('kafka_prices', 'kafka_deals');

-- Why an event's time is not taken at its word.
create type time_flag as enum (
  'record_time',  -- the event had no readable timestamp: recorded_at is the Kafka record's
  'implausible'   -- before 2000 or more than 5 minutes ahead: kept as history, never the current price
);

-- One row per distinct observation: the key is what makes redelivery and replay add nothing.
-- product_id has no foreign key: its check, row by row, would take two thirds of the consumers' time
-- (docs/decisions/price-history-without-foreign-key.md). The consumers hold the product's row locked when they insert,
-- and a product that is deleted takes its history with it (forget_price_history below).
create table price_history (
  product_id bigint not null,
  recorded_at timestamptz not null,
  source price_source not null,
  price numeric(12, 2) not null check (price > 0),
  time_flag time_flag,
  topic text not null,
  partition integer not null,
  "offset" bigint not null,
  primary key (product_id, recorded_at, source, price)
);

create function forget_price_history() returns trigger language plpgsql as $$
begin
  delete from price_history using deleted where price_history.product_id = deleted.id;
  return null;
end
$$;
create trigger forget_price_history
  after delete on watched_products referencing old table as deleted
  for each statement execute function forget_price_history();

create table price_alerts (
  id bigint generated always as identity primary key,
  watch_id bigint not null references watches (id) on delete cascade,
  triggered_price numeric(12, 2) not null,
  target_price numeric(12, 2) not null,
  previous_price numeric(12, 2),
  status text not null default 'PENDING' check (status in ('PENDING', 'SENT', 'FAILED')),
  -- Event time of the price that raised the alert.
  triggered_at timestamptz not null,
  sent_at timestamptz,
  notification_channel text not null default 'email'
);
create unique index price_alerts_one_pending on price_alerts (watch_id) where status = 'PENDING';
create index price_alerts_newest on price_alerts (watch_id, triggered_at desc, id desc);

-- The newest deal of each product.
create table deals (
  asin text collate "C" not null check (length(asin) = 10),
  domain text collate "C" not null,
  title text not null default '',
  current_price numeric(12, 2) not null check (current_price > 0),
  original_price numeric(12, 2),
  discount_percent numeric(8, 2),
  rating numeric(3, 2),
  review_count integer,
  sales_rank integer,
  deal_at timestamptz not null,
  primary key (asin, domain)
) with (fillfactor = 80);  -- updated in place (heap-only), as no index holds what changes; the daily report reads it whole

-- Which deals a user wants in the daily report. A null limit does not limit.
create table deal_filters (
  id bigint generated always as identity primary key,
  user_id bigint not null references users (id) on delete cascade,
  domain text,
  min_discount numeric(8, 2),
  max_price numeric(12, 2),
  min_rating numeric(3, 2),
  title_contains text,
  created_at timestamptz not null default now()
);
create index deal_filters_user on deal_filters (user_id);

create table deal_reports (
  id bigint generated always as identity primary key,
  user_id bigint not null references users (id) on delete cascade,
  -- The day in the schedule's time zone.
  report_date date not null,
  deals jsonb not null,
  created_at timestamptz not null default now(),
  unique (user_id, report_date)
);

-- Records that cannot be stored, with their bytes. The fingerprint (SHA-256 of timestamp, key, value and headers) tells
-- two records apart that had the same place in two topics of one name, the first deleted and made anew.
create table rejected_records (
  id bigint generated always as identity primary key,
  topic text not null,
  partition integer not null,
  "offset" bigint not null,
  fingerprint bytea not null,
  key bytea,
  value bytea,
  -- [{"key": name, "value": base64}] in the record's order; json, since jsonb has no place for a NUL in a name.
  headers json not null,
  record_timestamp timestamptz,
  reason text not null,
  detail text not null,
  rejected_at timestamptz not null default now(),
  redriven_at timestamptz,
  unique (topic, partition, "offset", fingerprint)
);
create index rejected_records_newest on rejected_records (rejected_at);

-- One row a producer: who runs now (a lease, so that two runs never overlap), where the next run goes on, and the
-- scheduled time that the last whole run was for (a schedule may fire twice).
create table producer_runs (
  producer text primary key,
  run_id uuid,
  lease_until timestamptz,
  cursor jsonb,
  completed_for timestamptz,
  started_at timestamptz,
  finished_at timestamptz
);
