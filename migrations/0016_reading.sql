-- What people wait for is found by an index, and vacuum keeps up with tables that change all the time.
-- oldest code: 0002

-- What the search in watches looks at: parts of words in a product's title, its ASIN and its marketplace. In a table of its
-- own: with the index on watched_products, each price that does not find room on its row's page would write it anew, and a
-- batch of prices took half as long again.
-- pg_trgm is a trusted extension: whoever may create objects in the database may create it.
-- https://www.postgresql.org/docs/18/pgtrgm.html
create extension if not exists pg_trgm;
create table product_words (
  product_id bigint primary key,
  words text not null
);
insert into product_words select id, title || ' ' || asin || ' ' || domain from watched_products;
create index product_words_trigrams on product_words using gin (words gin_trgm_ops);

-- SECURITY DEFINER: whoever adds a product or changes its title may not write its words.
create function product_words_change() returns trigger language plpgsql security definer
  set search_path = public, pg_temp as $$
begin
  insert into product_words values (new.id, new.title || ' ' || new.asin || ' ' || new.domain)
  on conflict (product_id) do update set words = excluded.words;
  return null;
end
$$;
create trigger product_words_inserted after insert on watched_products
  for each row execute function product_words_change();
create trigger product_words_updated after update of title, asin, domain on watched_products
  for each row when ((old.title, old.asin, old.domain) is distinct from (new.title, new.asin, new.domain))
  execute function product_words_change();

create or replace function forget_price_history() returns trigger language plpgsql as $$
begin
  delete from price_history using deleted where price_history.product_id = deleted.id;
  delete from price_gaps using deleted where price_gaps.product_id = deleted.id;
  delete from product_words using deleted where product_words.product_id = deleted.id;
  return null;
end
$$;

create index users_trigrams on users using gin (email gin_trgm_ops);
grant select on product_words to keeper_operator_reader, keeper_operator;

-- The daily report reads the deals of the last day. New deals come at the table's end and old ones are not touched any
-- more, so whole ranges of pages are skipped; and unlike a B-tree, a BRIN index lets a row be updated in place (heap-only).
-- https://www.postgresql.org/docs/18/storage-hot.html
create index deals_recent on deals using brin (deal_at) with (pages_per_range = 16, autosummarize = on);

-- Every price rewrites its product's row in place, on its own page, where the next update removes the old versions: a vacuum
-- has little to do, but it keeps the maps of free space and of visible pages. By default it would come after a fifth of
-- the rows, at a million products twice a day with a long run; after a fiftieth, each run is short. The threshold for
-- insertions is the same. Statistics do not change with prices: their default of a tenth stays.
alter table watched_products set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02);
alter table deals set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02);

-- Few rows that every batch updates: vacuumed by number, not by share.
alter table consumed_offsets set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
alter table producer_runs set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
