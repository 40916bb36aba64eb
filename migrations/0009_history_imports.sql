-- The past of products: imported prices, and the times without an offer.
-- oldest code: 0002

do $$
begin
  begin
    create role keeper_history_import login;
  exception when duplicate_object or unique_violation then
    null;  -- roles belong to the whole server: another database of it may have made them
  end;
  if exists (select from pg_roles where rolname = 'rds_iam') then
    grant rds_iam to keeper_history_import;
  end if;
end
$$;

-- A price or gap of the past, sent by history-import: never the current price, never a reason for an alert.
alter type time_flag add value 'history';

alter table watched_products
  -- When its past was imported; null if nobody has done it yet.
  add column history_imported_at timestamptz;

-- From recorded_at on nothing was offered, until the next price. No foreign key, as in price_history.
create table price_gaps (
  product_id bigint not null,
  recorded_at timestamptz not null,
  source price_source not null,
  time_flag time_flag,
  topic text not null,
  partition integer not null,
  "offset" bigint not null,
  primary key (product_id, recorded_at)
);

create or replace function forget_price_history() returns trigger language plpgsql as $$
begin
  delete from price_history using deleted where price_history.product_id = deleted.id;
  delete from price_gaps using deleted where price_gaps.product_id = deleted.id;
  return null;
end
$$;

-- Triggers keep unavailable_since: the first gap that is news and not older than the current price, in whatever order gaps
-- and prices come. Both consumers store prices, and this costs them nothing while a product is on offer.
create function gaps_begin() returns trigger language plpgsql as $$
begin
  update watched_products as product
  set unavailable_since = news.first
  from (
    select gap.product_id, min(gap.recorded_at) as first
    from changed as gap
    join watched_products as priced on priced.id = gap.product_id
    where (gap.time_flag is null or gap.time_flag = 'record_time')
      and gap.recorded_at >= coalesce(priced.price_at, '-infinity')
    group by gap.product_id
  ) as news
  where product.id = news.product_id and news.first < coalesce(product.unavailable_since, 'infinity');
  return null;
end
$$;
create trigger gaps_inserted after insert on price_gaps
  referencing new table as changed for each statement execute function gaps_begin();
create trigger gaps_updated after update on price_gaps
  referencing new table as changed for each statement execute function gaps_begin();

create function gaps_end() returns trigger language plpgsql as $$
begin
  new.unavailable_since := (
    select min(gap.recorded_at) from price_gaps as gap
    where gap.product_id = new.id and gap.recorded_at >= new.price_at
      and (gap.time_flag is null or gap.time_flag = 'record_time')
  );
  return new;
end
$$;
create trigger watched_products_is_offered_again before update of price_at on watched_products
  for each row when (new.price_at > old.unavailable_since) execute function gaps_end();

-- The function of 0008 with two changes: a product that is not on offer raises no alert, and an imported price does not
-- let a watch alert again.
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
    and product.unavailable_since is null
    and product.current_price <= watch.target_price * 1.01
    and not exists (select from price_alerts as alert where alert.watch_id = watch.id and alert.status = 'PENDING')
    and (
      last_alert.at is null
      or product.current_price < last_alert.price
      or exists (
        select from price_history as seen
        where seen.product_id = product.id
          and seen.recorded_at > last_alert.at
          and (seen.time_flag is null or seen.time_flag = 'record_time')
          and seen.price > watch.target_price * 1.01
      )
    )
  on conflict (watch_id) where status = 'PENDING' do nothing;
  return null;
end
$$;

grant select, insert on price_gaps to keeper_price_consumer;
grant update (time_flag) on price_gaps to keeper_price_consumer;
grant select on price_gaps to keeper_deal_consumer, keeper_operator_reader, keeper_operator, keeper_notifier;

grant select on watched_products, watches, schema_migrations to keeper_history_import;
grant select, insert, update on producer_runs to keeper_history_import;
grant update (asks_buy_box, keepa_problem, keepa_problem_since, redirected_to, history_imported_at) on watched_products
  to keeper_history_import;
