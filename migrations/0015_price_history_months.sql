-- The history in partitions by month: new prices meet a small index, and old months can be thinned and forgotten.
-- oldest code: 0002

-- Whatever was read from or written to price_history by name still is. The table that was there becomes one partition,
-- price_history_whole, without a copy; the function maintenance splits it by month afterwards (docs/scaling.md).
alter table price_history rename to price_history_whole;
alter table price_history_whole rename constraint price_history_pkey to price_history_whole_pkey;

create table price_history (
  product_id bigint not null,
  recorded_at timestamptz not null,
  source price_source not null,
  price numeric(12, 2) not null constraint price_history_price_check check (price > 0),
  time_flag time_flag,
  topic text not null,
  partition integer not null,
  "offset" bigint not null,
  constraint price_history_pkey primary key (product_id, recorded_at, source, price)
) partition by range (recorded_at);

-- No row is ever without a partition: here are times that no month has been made for, most of them implausible ones.
create table price_history_other partition of price_history default;

-- Everybody who may use the table keeps their rights, also those whom others gave them to. Only the partitions that are
-- read for themselves have rights of their own.
do $$
declare
  given record;
begin
  for given in
    select acl.privilege_type, acl.is_grantable,
      case when acl.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(acl.grantee)) end as grantee
    from pg_class, aclexplode(relacl) as acl
    where oid = 'price_history_whole'::regclass and acl.grantee <> relowner
  loop
    execute format('grant %s on price_history to %s%s', given.privilege_type, given.grantee,
      case when given.is_grantable then ' with grant option' else '' end);
    execute format('revoke %s on price_history_whole from %s cascade', given.privilege_type, given.grantee);
  end loop;
end
$$;

-- Storage settings of a partition. Rows are never updated, so a page is full (fillfactor 100, the default) and frozen for
-- good the first time that a vacuum sees it, and no vacuum against wraparound reads it again. A vacuum after each million
-- rows instead of each fifth of the table keeps the map of visible pages current, so that look-ups by the key read no table
-- page; the statistics that the planner needs change less often.
create function history_storage() returns text language sql immutable as $$
  select 'autovacuum_freeze_min_age = 0, autovacuum_vacuum_insert_scale_factor = 0, '
    'autovacuum_vacuum_insert_threshold = 1000000, autovacuum_analyze_scale_factor = 0.2'
$$;

create function history_month_start(month date) returns timestamptz language sql immutable as $$
  select month::timestamp at time zone 'UTC'
$$;

-- Makes the partition `name` of a month, with the month's rows of the default partition. Others wait for the default
-- partition alone meanwhile, and only a second for the lock.
create function history_new_month(parent regclass, other regclass, month date, name text, keeps_check boolean)
returns bigint language plpgsql as $$
declare
  month_start timestamptz := history_month_start(month);
  month_end timestamptz := history_month_start((month + interval '1 month')::date);
  moved bigint;
begin
  execute format(
    'create table %I (
       like price_history including defaults including constraints,
       constraint %I primary key (product_id, recorded_at, source, price),
       constraint price_history_is_of_month check (recorded_at >= %L and recorded_at < %L)
     ) with (%s)', name, name || '_pkey', month_start, month_end, history_storage());
  execute format('lock table %s in access exclusive mode', other);
  execute format(
    'with gone as (delete from %s where recorded_at >= $1 and recorded_at < $2 returning *)
     insert into %I select * from gone', other, name) using month_start, month_end;
  get diagnostics moved = row_count;
  execute format('alter table %s attach partition %I for values from (%L) to (%L)', parent, name, month_start, month_end);
  if not keeps_check then
    execute format('alter table %I drop constraint price_history_is_of_month', name);
  end if;
  return moved;
end
$$;

-- The partitions of the history; `since` and `until` are null for the default one.
create view price_history_partitions as
select part.oid as oid, part.relname::text as name, bound[1]::timestamptz as since, bound[2]::timestamptz as until,
  part.reltuples::bigint as estimated_rows, pg_total_relation_size(part.oid) as bytes
from pg_inherits
join pg_class as part on part.oid = inhrelid
left join lateral regexp_match(
  pg_get_expr(part.relpartbound, part.oid), 'FROM \(''(.*)''\) TO \(''(.*)''\)'
) as bound on true
where inhparent = 'price_history'::regclass;

-- Attaches the old table, from 2000 until the end of this month. Its constraint is checked here by reading it once, under
-- the lock that the renaming took; times outside go to the default partition before. An empty one makes room for months.
do $$
declare
  this_month date := date_trunc('month', now() at time zone 'UTC')::date;
  month_end timestamptz := history_month_start((this_month + interval '1 month')::date);
begin
  if not exists (select from price_history_whole) then
    drop table price_history_whole;
    perform history_new_month('price_history', 'price_history_other', this_month,
      'price_history_' || to_char(this_month, 'YYYY_MM'), false);
  else
    -- Found by several processes at once, deleted by one: there are hardly any.
    if exists (
      select from price_history_whole where recorded_at < '2000-01-01 00:00Z' or recorded_at >= month_end
    ) then
      with gone as (
        delete from price_history_whole where recorded_at < '2000-01-01 00:00Z' or recorded_at >= month_end returning *
      )
      insert into price_history_other select * from gone;
    end if;
    execute format(
      'alter table price_history_whole add constraint price_history_is_of_month
         check (recorded_at >= %L and recorded_at < %L)', timestamptz '2000-01-01 00:00Z', month_end);
    execute format(
      'alter table price_history attach partition price_history_whole for values from (%L) to (%L)',
      timestamptz '2000-01-01 00:00Z', month_end);
    alter table price_history_whole drop constraint price_history_is_of_month;
    execute format('alter table price_history_whole set (%s)', history_storage());
  end if;
  for ahead in 1..3 loop
    perform history_new_month('price_history', 'price_history_other', (this_month + ahead * interval '1 month')::date,
      'price_history_' || to_char(this_month + ahead * interval '1 month', 'YYYY_MM'), false);
  end loop;
end
$$;

-- Whether a product's price was above a threshold between two times, in rows of other transactions than `storing`
-- (lambdas/core/prices/price-alerts.ts). A generic plan leaves out months when it runs, and is made once a connection;
-- a plan for each statement would cost as much as there are months.
create function price_was_above(
  product bigint, since timestamptz, until timestamptz, threshold numeric, storing xid
) returns boolean language plpgsql stable set plan_cache_mode = force_generic_plan as $$
begin
  return exists (
    select from price_history as seen
    where seen.product_id = product
      and seen.recorded_at > since
      and seen.recorded_at <= until
      and (seen.time_flag is null or seen.time_flag = 'record_time')
      and seen.price > threshold
      and seen.xmin <> storing
  );
end
$$;

-- A partition is split by month, or thinned, by a copy of it: rows are copied in steps into price_history_copy, which has
-- the same months, a trigger mirrors what is stored meanwhile, and at the end the copy's months replace the partition.
-- Until then nobody sees the copy, and a run may stop anywhere; one partition at a time.
create table price_history_rewriting (
  source text primary key,
  purpose text not null check (purpose in ('split', 'thin')),
  -- Where the next step begins: split, a block of the table; thin, the product before.
  place bigint not null default 0,
  rows_read bigint not null default 0,
  rows_kept bigint not null default 0,
  -- Thin: rows that will go once Kafka no longer has their records.
  rows_left bigint not null default 0,
  started_at timestamptz not null default now()
);
create unique index price_history_rewriting_one on price_history_rewriting ((true));

-- Months that were thinned: again after a month, if rows were left or the partition has grown since.
create table price_history_thinned (
  name text primary key,
  thinned_at timestamptz not null default now(),
  rows_left bigint not null,
  bytes bigint not null
);

-- Products that were deleted while a partition was copied.
create table price_history_forgotten (product_id bigint primary key);

-- SECURITY DEFINER: consumers may write neither the copy nor the list.
create function history_mirror() returns trigger language plpgsql security definer
  set search_path = public, pg_temp as $$
begin
  if tg_op = 'INSERT' then
    insert into price_history_copy values (new.*) on conflict do nothing;
  else
    insert into price_history_forgotten values (old.product_id) on conflict do nothing;
  end if;
  return null;
end
$$;

-- Makes a month that is missing, and returns the number of rows that moved there from the default partition; null where
-- there is a partition already. The DDL below is all that the function maintenance can do to tables, and each gives up
-- after a second if somebody holds a lock.
create function history_make_month(month date) returns bigint language plpgsql security definer
  set search_path = public, pg_temp set lock_timeout = '1s' as $$
begin
  if month <> date_trunc('month', month) or month < date '2000-01-01' or month > now() + interval '1 year' then
    raise exception '% is not the first day of a month between 2000 and a year ahead', month
      using errcode = 'invalid_parameter_value';
  end if;
  if exists (
    select from price_history_partitions where since < history_month_start((month + interval '1 month')::date)
      and until > history_month_start(month)
  ) then
    return null;
  end if;
  return history_new_month('price_history', 'price_history_other', month,
    'price_history_' || to_char(month, 'YYYY_MM'), false);
end
$$;

create function history_rewrite_begin(source text, purpose text) returns void language plpgsql security definer
  set search_path = public, pg_temp set lock_timeout = '1s' as $$
declare
  part price_history_partitions;
begin
  select * into strict part from price_history_partitions where name = source and since is not null;
  insert into price_history_rewriting (source, purpose) values (source, purpose);
  delete from price_history_forgotten;
  create table price_history_copy (
    like price_history including defaults including constraints,
    primary key (product_id, recorded_at, source, price)
  ) partition by range (recorded_at);
  create table price_history_copy_other partition of price_history_copy default;
  if purpose = 'thin' then
    perform history_new_month('price_history_copy', 'price_history_copy_other',
      (part.since at time zone 'UTC')::date, source || '_thin', true);
  end if;
  -- Waits for the transactions that are storing into the partition; later ones are mirrored.
  execute format(
    'create trigger history_mirror after insert or delete on %I for each row execute function history_mirror()', source);
end
$$;

-- Makes the months that the next step of a split needs. Apart from the step, whose rows would else be waited for.
create function history_split_prepare(blocks integer) returns void language plpgsql security definer
  set search_path = public, pg_temp set lock_timeout = '1s' as $$
declare
  work price_history_rewriting;
  month date;
begin
  select * into strict work from price_history_rewriting where purpose = 'split' for update;
  for month in execute format(
    'select distinct date_trunc(''month'', recorded_at at time zone ''UTC'')::date from %I
     where ctid >= %L and ctid < %L
     union select distinct date_trunc(''month'', recorded_at at time zone ''UTC'')::date from price_history_copy_other',
    work.source, format('(%s,0)', work.place), format('(%s,0)', work.place + blocks))
  loop
    if to_regclass('price_history_' || to_char(month, 'YYYY_MM')) is null then
      perform history_new_month('price_history_copy', 'price_history_copy_other', month,
        'price_history_' || to_char(month, 'YYYY_MM'), true);
    end if;
  end loop;
end
$$;

-- Copies the next blocks of the partition, in the order in which they lie on disk; true when it was the last time.
create function history_split_step(blocks integer) returns boolean language plpgsql security definer
  set search_path = public, pg_temp as $$
declare
  work price_history_rewriting;
  copying text;
  copied bigint;
begin
  select * into strict work from price_history_rewriting where purpose = 'split' for update;
  copying := format('insert into price_history_copy select * from %I where ctid >= %L and ctid < %L', work.source,
    format('(%s,0)', work.place), format('(%s,0)', work.place + blocks));
  begin
    execute copying;
    get diagnostics copied = row_count;
  exception when unique_violation then
    -- Rows that were mirrored. ON CONFLICT takes half as long again, and is needed for the newest blocks alone.
    execute copying || ' on conflict do nothing';
    get diagnostics copied = row_count;
  end;
  update price_history_rewriting
  set place = work.place + blocks, rows_read = rows_read + copied, rows_kept = rows_kept + copied;
  return work.place + blocks >= pg_relation_size(work.source::regclass) / current_setting('block_size')::integer;
end
$$;

-- Copies the prices of the next products, of a run of equal prices the first and the last; true when it was the last time.
-- A row in between goes only if its record is below its partition's earliest offset, [{topic, partition, earliest}]: a
-- replay would bring it back. Gaps and flags end a run: the alert rule and the charts tell them apart.
create function history_thin_step(products integer, earliest jsonb) returns boolean language plpgsql security definer
  set search_path = public, pg_temp as $$
declare
  work price_history_rewriting;
  part price_history_partitions;
  final bigint;
  through bigint;
  read bigint;
  kept bigint;
  left_over bigint;
begin
  select * into strict work from price_history_rewriting where purpose = 'thin' for update;
  select * into strict part from price_history_partitions where name = work.source;
  execute format('select max(product_id) from %I', work.source) into final;
  execute format(
    'select max(product_id), coalesce(sum(seen), 0) from (
       select product_id, count(*) as seen from %I where product_id > $1 group by product_id order by product_id limit $2
     ) as next', work.source) into through, read using work.place, products;
  execute format(
    'with seen as (
       select *, lag(price) over run as before, lag(time_flag) over run as flag_before,
         lead(price) over run as after, lead(time_flag) over run as flag_after
       from (
         select * from %1$I where product_id > $1 and product_id <= $2 and time_flag is distinct from ''implausible''
         union all
         select product_id, recorded_at, source, null, time_flag, topic, partition, "offset" from price_gaps
         where product_id > $1 and product_id <= $2 and time_flag is distinct from ''implausible''
           and recorded_at >= $4 and recorded_at < $5
       ) as known
       window run as (partition by product_id order by recorded_at, source, coalesce(price, 0))
     ),
     judged as materialized (
       select seen.*, coalesce(price = before and price = after, false)
           and time_flag is not distinct from flag_before and time_flag is not distinct from flag_after as repeats,
         coalesce(seen."offset" < log.earliest, false) as is_out_of_log
       from seen
       left join jsonb_to_recordset($3) as log (topic text, partition integer, earliest bigint) using (topic, partition)
       where price is not null
     ),
     added as (
       insert into price_history_copy
       select product_id, recorded_at, source, price, time_flag, topic, partition, "offset" from judged
       where not (repeats and is_out_of_log)
       union all
       select * from %1$I where product_id > $1 and product_id <= $2 and time_flag = ''implausible''
       on conflict do nothing
       returning 1
     )
     select (select count(*) from added), (select count(*) from judged where repeats and not is_out_of_log)', work.source)
  into kept, left_over
  using work.place, through, earliest, part.since, part.until;
  update price_history_rewriting
  set place = coalesce(through, final, 0), rows_read = rows_read + read, rows_kept = rows_kept + kept,
    rows_left = rows_left + left_over;
  return through is null or through >= final;
end
$$;

-- Replaces the partition by the months of its copy, in a moment: nothing is read but what was left to the default month.
create function history_rewrite_finish() returns void language plpgsql security definer
  set search_path = public, pg_temp set lock_timeout = '1s' as $$
declare
  work price_history_rewriting;
  month record;
begin
  select * into strict work from price_history_rewriting for update;
  -- Everybody who works on the history has ended and nobody begins; so the partition can be read for the last time.
  lock table price_history in access exclusive mode;
  delete from price_history_copy using price_history_forgotten as gone where price_history_copy.product_id = gone.product_id;
  for month in
    select distinct date_trunc('month', recorded_at at time zone 'UTC')::date as start from price_history_copy_other
  loop
    perform history_new_month('price_history_copy', 'price_history_copy_other', month.start,
      'price_history_' || to_char(month.start, 'YYYY_MM'), true);
  end loop;
  execute format('alter table price_history detach partition %I', work.source);
  execute format('drop table %I', work.source);
  for month in
    select inhrelid::regclass::text as name, bound[1] as since, bound[2] as until
    from pg_inherits join pg_class on pg_class.oid = inhrelid,
      regexp_match(pg_get_expr(relpartbound, inhrelid), 'FROM \(''(.*)''\) TO \(''(.*)''\)') as bound
    where inhparent = 'price_history_copy'::regclass and bound is not null
    order by since
  loop
    execute format('alter table price_history_copy detach partition %I', month.name);
    execute format('alter table price_history attach partition %I for values from (%L) to (%L)',
      month.name, month.since, month.until);
    execute format('alter table %I drop constraint price_history_is_of_month', month.name);
    if work.purpose = 'thin' then
      execute format('alter table %I rename to %I', month.name, work.source);
      execute format('alter table %I rename constraint %I to %I', work.source, month.name || '_pkey', work.source || '_pkey');
      insert into price_history_thinned (name, rows_left, bytes)
      values (work.source, work.rows_left, pg_table_size(work.source::regclass))
      on conflict (name) do update
      set thinned_at = now(), rows_left = excluded.rows_left, bytes = excluded.bytes;
    end if;
  end loop;
  drop table price_history_copy;
  delete from price_history_forgotten;
  delete from price_history_rewriting;
end
$$;

-- Gives up a copy that was begun; nothing was changed.
create function history_rewrite_cancel() returns void language plpgsql security definer
  set search_path = public, pg_temp set lock_timeout = '1s' as $$
declare
  work price_history_rewriting;
begin
  select * into work from price_history_rewriting for update;
  if not found then return; end if;
  execute format('drop trigger history_mirror on %I', work.source);
  drop table price_history_copy;
  delete from price_history_rewriting;
end
$$;

-- Removes a whole month. Not within half a year: what people look at cannot be removed by a wrong setting.
create function history_forget_month(month date) returns void language plpgsql security definer
  set search_path = public, pg_temp set lock_timeout = '1s' as $$
declare
  part text;
begin
  select name into strict part from price_history_partitions
  where since = history_month_start(month) and until = history_month_start((month + interval '1 month')::date)
    and until < now() - interval '180 days';
  if exists (select from price_history_rewriting where source = part) then
    perform history_rewrite_cancel();
  end if;
  execute format('alter table price_history detach partition %I', part);
  execute format('drop table %I', part);
  delete from price_history_thinned where name = part;
end
$$;

-- Statistics of the partitioned table itself, which autovacuum makes of partitions alone.
create function history_analyze() returns void language plpgsql security definer
  set search_path = public, pg_temp as $$
begin
  analyze only price_history;
end
$$;

do $$
declare
  name text;
begin
  -- Internal ones, and those of maintenance: nobody else may execute them.
  for name in
    select oid::regprocedure::text from pg_proc
    where pronamespace = 'public'::regnamespace and proname like 'history\_%'
      and proname not in ('history_mirror', 'history_storage', 'history_month_start')
  loop
    execute format('revoke execute on function %s from public', name);
    if name not like 'history\_new\_month%' then
      execute format('grant execute on function %s to keeper_maintenance', name);
    end if;
  end loop;
end
$$;

grant select on price_history_partitions, price_history_rewriting, price_history_thinned, price_history_other
  to keeper_maintenance, keeper_operator_reader, keeper_operator;
grant select on price_history, price_gaps to keeper_maintenance;
grant delete on price_gaps, price_history_other to keeper_maintenance;
