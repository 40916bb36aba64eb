-- The consumer group of a rejected record, the search indexer's user, and titles of deals that can be searched.
-- oldest code: 0002

-- Two groups may reject one record. Code that is older than this migration names no group: its topics had one group each.
alter table rejected_records add column consumer_group text;
create function rejected_records_has_group() returns trigger language plpgsql as $$
begin
  new.consumer_group := case new.topic
    when 'deal-updates' then 'keeper-consumer-group-deals' else 'keeper-consumer-group'
  end;
  return new;
end
$$;
update rejected_records set consumer_group = case topic
  when 'deal-updates' then 'keeper-consumer-group-deals' else 'keeper-consumer-group'
end;
alter table rejected_records alter column consumer_group set not null;
create trigger rejected_records_has_group before insert on rejected_records
  for each row when (new.consumer_group is null) execute function rejected_records_has_group();
alter table rejected_records
  drop constraint rejected_records_topic_partition_offset_fingerprint_key,
  add unique (topic, partition, "offset", fingerprint, consumer_group);

do $$
begin
  begin
    create role keeper_search_indexer login;
  exception when duplicate_object or unique_violation then
    null;  -- roles belong to the whole server: another database of it may have made it
  end;
  if exists (select from pg_roles where rolname = 'rds_iam') then
    grant rds_iam to keeper_search_indexer;
  end if;
end
$$;

grant insert on rejected_records to keeper_search_indexer;
grant select, insert, update on consumed_offsets to keeper_search_indexer;
grant select on schema_migrations to keeper_search_indexer;

-- Words in German and in English: "maus" finds "Mäuse", "keyboards" finds "keyboard". Trigrams find parts of words
-- ("tastatur" in "Funktastatur") and words with a typo. The extension is trusted: who may create objects in the database
-- may create it. https://www.postgresql.org/docs/18/pgtrgm.html
create extension if not exists pg_trgm;
create index deals_words on deals using gin ((to_tsvector('german', title) || to_tsvector('english', title)));
create index deals_trigrams on deals using gin (title gin_trgm_ops);
