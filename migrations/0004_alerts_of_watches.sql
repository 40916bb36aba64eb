-- A watch that is added, changed or resumed while the current price meets its target alerts at once.
-- oldest code: 0002

-- SUPERSEDED: the price no longer qualified when the alert was about to be sent. Such an alert is ignored by the alert rule.
alter table price_alerts drop constraint price_alerts_status_check;
alter table price_alerts add constraint price_alerts_status_check
  check (status in ('PENDING', 'SENT', 'FAILED', 'SUPERSEDED'));

drop trigger highest_target_inserted on watches;
drop trigger highest_target_updated on watches;
drop trigger highest_target_moved on watches;
drop trigger highest_target_deleted on watches;
drop function keep_highest_target();

-- Updates the products' highest targets and raises alerts after watches change. SECURITY DEFINER, because those who
-- change watches may not write alerts.
create function watches_changed() returns trigger language plpgsql security definer
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
    select alert.triggered_price as price, alert.triggered_at as at
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

create trigger watches_inserted after insert on watches
  referencing new table as new_watches for each statement execute function watches_changed();
create trigger watches_updated after update on watches
  referencing new table as new_watches old table as old_watches for each statement execute function watches_changed();
create trigger watches_deleted after delete on watches
  referencing old table as old_watches for each statement execute function watches_changed();
