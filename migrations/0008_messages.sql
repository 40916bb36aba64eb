-- What people are told: messages, the channels that they go to, every attempt to deliver them, and when each person wants
-- to be told.
-- oldest code: 0002

do $$
begin
  begin
    create role keeper_notifier login;
  exception when duplicate_object or unique_violation then
    null;  -- roles belong to the whole server: another database of it may have made them
  end;
  if exists (select from pg_roles where rolname = 'rds_iam') then
    grant rds_iam to keeper_notifier;
  end if;
end
$$;

alter table users
  -- BCP 47. The check is of its form alone; an unknown language reads English.
  add column locale text not null default 'en'
    constraint users_locale_check check (locale ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'),
  add column time_zone text not null default 'UTC',
  -- By the clock in the user's time zone: held from quiet_from on, until just before quiet_until.
  add column quiet_from time,
  add column quiet_until time,
  -- When the day's digest is due, which then replaces every other alert message; null: alerts are told at once.
  add column digest_at time,
  add column email_disabled_at timestamptz,
  add column email_disabled_reason text,
  -- Alerts raised until then come in one digest: nobody gets many messages because the notifier starts to work.
  add column notify_from timestamptz,
  add constraint users_quiet_hours_check check (num_nulls(quiet_from, quiet_until) <> 1 and quiet_from <> quiet_until);
update users set notify_from = now();

-- POSIX zones and abbreviations are refused: they know no summer time, or not the right one.
create function refuse_unknown_time_zone() returns trigger language plpgsql as $$
begin
  if new.time_zone !~ '^[A-Za-z_]+(/[A-Za-z0-9_+-]+)+$' then
    raise invalid_parameter_value;
  end if;
  perform now() at time zone new.time_zone;
  return new;
exception when invalid_parameter_value then
  raise exception 'time_zone is "%": use an IANA name such as Europe/Berlin', new.time_zone
    using errcode = 'check_violation', table = tg_table_name, column = 'time_zone', constraint = tg_name;
end
$$;
create trigger users_time_zone_is_known before insert or update of time_zone on users
  for each row when (new.time_zone <> 'UTC') execute function refuse_unknown_time_zone();

alter table watches
  add column snoozed_until timestamptz,
  -- Whether a snoozed watch still tells when the price is at its target or below.
  add column snooze_lets_target_through boolean not null default false;

-- Since when nothing is offered; null while there is a price.
alter table watched_products add column unavailable_since timestamptz;

create table notification_channels (
  id bigint generated always as identity primary key,
  user_id bigint not null references users (id) on delete cascade,
  kind text not null check (kind in ('email', 'webhook', 'ntfy', 'slack', 'discord', 'telegram')),
  -- May be shown.
  address text not null,
  -- Token, key or secret address: the operator writes it, the notifier alone reads it.
  secret text,
  disabled_at timestamptz,
  disabled_reason text,
  created_at timestamptz not null default now(),
  unique (user_id, kind, address)
);

create table messages (
  id bigint generated always as identity primary key,
  user_id bigint not null references users (id) on delete cascade,
  kind text not null check (kind in ('alert', 'digest', 'report', 'notice', 'test')),
  -- The user's day: caps count in it, and a digest comes once in it.
  local_day date,
  status text not null default 'PENDING' check (status in ('PENDING', 'SENT', 'FAILED', 'SUPERSEDED')),
  reason text,
  created_at timestamptz not null default now(),
  -- When it may be tried next.
  due_at timestamptz not null default now(),
  attempts integer not null default 0,
  -- Who delivers it now; whoever does not hold the token any more marks nothing.
  lease_token uuid,
  lease_until timestamptz,
  sent_at timestamptz,
  -- The facts that it tells (lambdas/core/mail/message.ts), stored before the first attempt.
  content jsonb
);
create index messages_due on messages (due_at, id) where status = 'PENDING';
create index messages_user on messages (user_id, local_day);

-- One row an attempt and channel.
create table deliveries (
  id bigint generated always as identity primary key,
  message_id bigint not null references messages (id) on delete cascade,
  -- Null: the user's own e-mail. No foreign key: the trail outlives the channel.
  channel_id bigint,
  channel_kind text not null,
  address text not null,
  attempt integer not null,
  -- Of the first attempt: a retry sends the same. Nothing in it is secret.
  request jsonb,
  -- SENDING: handed over, or about to be, by a run whose end nobody knows.
  status text not null check (status in ('SENDING', 'SENT', 'AGAIN', 'FAILED', 'STOPPED')),
  reason text,
  provider_id text,
  at timestamptz not null default now()
);
create index deliveries_message on deliveries (message_id, id);

alter table price_alerts
  add column raised_at timestamptz not null default now(),
  add column message_id bigint references messages (id) on delete set null,
  -- The price in the message, which is the newest one and may differ from triggered_price.
  add column told_price numeric(12, 2),
  -- Why it is FAILED or SUPERSEDED.
  add column reason text;
create index price_alerts_message on price_alerts (message_id) where message_id is not null;

alter table deal_reports add column message_id bigint references messages (id) on delete set null;

-- The function of 0004 with one change: the last alert's price is the one that was told, if that was lower. The price may
-- fall further between an alert and its message; the next price check would else tell the same price again.
create or replace function watches_changed() returns trigger language plpgsql security definer
  set search_path = public, pg_temp as $$
declare
  touched_products bigint[];
  changed_watches bigint[] := '{}';
begin
  if tg_op = 'INSERT' then
    touched_products := array(select distinct product_id from new_watches);
    changed_watches := array(select id from new_watches);
  elsif tg_op = 'DELETE' then
    touched_products := array(select distinct product_id from old_watches);
  else
    touched_products := array(select product_id from new_watches union select product_id from old_watches);
    changed_watches := array(
      select new_watch.id
      from new_watches as new_watch
      join old_watches as old_watch using (id)
      where (new_watch.product_id, new_watch.target_price, new_watch.status)
        is distinct from (old_watch.product_id, old_watch.target_price, old_watch.status)
    );
  end if;

  -- Locks products in the consumers' order. The second of the two transactions sees what the first stored: a consumer
  -- sees the watch, this function the price.
  perform from watched_products where id = any (touched_products) order by domain, asin for no key update;

  update watched_products as product
  set highest_target = wanted.target
  from (
    select touched.id, max(watch.target_price) as target
    from unnest(touched_products) as touched (id)
    left join watches as watch
      on watch.product_id = touched.id and watch.status = 'ACTIVE' and watch.target_price > 0
    group by touched.id
  ) as wanted
  where product.id = wanted.id and product.highest_target is distinct from wanted.target;

  -- The rule of lambdas/core/prices/price-alerts.ts for one price, the current one.
  insert into price_alerts (watch_id, triggered_price, target_price, previous_price, triggered_at)
  select watch.id, product.current_price, watch.target_price, product.previous_price, product.price_at
  from watches as watch
  join watched_products as product on product.id = watch.product_id
  left join lateral (
    select least(alert.triggered_price, alert.told_price) as price, alert.triggered_at as at
    from price_alerts as alert
    where alert.watch_id = watch.id and alert.status <> 'SUPERSEDED'
    order by alert.triggered_at desc, alert.id desc
    limit 1
  ) as last_alert on true
  where watch.id = any (changed_watches)
    and watch.status = 'ACTIVE'
    and watch.target_price > 0
    and product.current_price <= watch.target_price * 1.01
    and not exists (select from price_alerts as alert where alert.watch_id = watch.id and alert.status = 'PENDING')
    and (
      last_alert.at is null
      or product.current_price < last_alert.price
      or exists (
        select from price_history as seen
        where seen.product_id = product.id
          and seen.recorded_at > last_alert.at
          and seen.time_flag is distinct from 'implausible'
          and seen.price > watch.target_price * 1.01
      )
    )
  on conflict (watch_id) where status = 'PENDING' do nothing;
  return null;
end
$$;

-- Marking a user's address as dead is the one change of users; it also lets the notifier lock a user's row.
grant select on users, watches, watched_products, price_history, price_alerts, notification_channels, messages, deliveries,
  schema_migrations to keeper_notifier;
grant update (email_disabled_at, email_disabled_reason) on users to keeper_notifier;
grant update (disabled_at, disabled_reason) on notification_channels to keeper_notifier;
grant update (status, reason, sent_at, notification_channel, message_id, told_price) on price_alerts to keeper_notifier;
grant insert (user_id, kind, local_day) on messages to keeper_notifier;
grant update (status, reason, due_at, attempts, lease_token, lease_until, sent_at, content) on messages to keeper_notifier;
grant insert on deliveries to keeper_notifier;
grant update (status, reason, provider_id) on deliveries to keeper_notifier;

grant select on messages, deliveries to keeper_operator_reader, keeper_operator;
grant select (id, user_id, kind, address, disabled_at, disabled_reason, created_at) on notification_channels
  to keeper_operator_reader, keeper_operator;
grant insert (user_id, kind, address, secret), update (secret, disabled_at, disabled_reason), delete
  on notification_channels to keeper_operator;
grant update (locale, time_zone, quiet_from, quiet_until, digest_at, email_disabled_at, email_disabled_reason)
  on users to keeper_operator;
grant update (snoozed_until, snooze_lets_target_through) on watches to keeper_operator;
