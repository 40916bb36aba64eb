-- What the price check saves of Keepa's answers, and a check of the marketplaces.
-- oldest code: 0002

alter table watched_products
  -- Amazon itself had no offer when Keepa was last asked, so the next request includes the buy box (two more tokens).
  add column asks_buy_box boolean not null default false,
  -- Why Keepa has no price for this product and will not have one; null if it may have one.
  add column keepa_problem text check (
    keepa_problem in ('unanswered', 'redirected', 'invalid', 'inaccessible', 'e-book', 'variation-parent')
  ),
  add column keepa_problem_since timestamptz,
  -- The ASIN that Keepa answered with instead.
  add column redirected_to text collate "C";

-- Normalizes rows such as "DE" and "b07w6jn8v8", which Keepa's answers would never match. A row whose product exists in
-- the right form too is left unchanged, because its watches belong to it.
update watched_products as product
set domain = lower(btrim(product.domain)), asin = upper(btrim(product.asin))
where (product.domain, product.asin) <> (lower(btrim(product.domain)), upper(btrim(product.asin)))
  and length(btrim(product.asin)) = 10
  and not exists (
    select from watched_products as other
    where other.id <> product.id
      and lower(btrim(other.domain)) = lower(btrim(product.domain))
      and upper(btrim(other.asin)) = upper(btrim(product.asin))
  );

-- lambdas/core/marketplaces.ts has the same list (test/migrations/0005_keepa.test.ts compares them). Existing rows that
-- violate it stay, for their owner to correct; the price check names them in its log.
alter table watched_products
  add constraint watched_products_domain_is_a_marketplace check (
    domain in ('com', 'co.uk', 'de', 'fr', 'co.jp', 'ca', 'it', 'es', 'in', 'com.mx', 'com.br')
  ) not valid;
do $$
begin
  alter table watched_products validate constraint watched_products_domain_is_a_marketplace;
exception when check_violation then
  raise warning 'watched_products has rows with an unknown domain: correct or delete them';
end
$$;

-- A trigger instead of a check: a check would also run at every change of a price, and this pattern would double its cost.
create function refuse_malformed_asin() returns trigger language plpgsql as $$
begin
  raise exception 'asin is "%": an ASIN must be ten characters A-Z and 0-9', new.asin
    using errcode = 'check_violation', table = tg_table_name, column = 'asin', constraint = tg_name;
end
$$;
create trigger watched_products_asin_is_well_formed
  before insert or update of asin on watched_products
  for each row when (new.asin ~ '[^A-Z0-9]') execute function refuse_malformed_asin();

-- Locking a row needs the right to update one of its columns.
grant update (asks_buy_box, keepa_problem, keepa_problem_since, redirected_to) on watched_products
  to keeper_price_check;

alter table producer_runs
  -- The scheduled time of the pass at the cursor; null if it was started by hand.
  add column pass_for timestamptz,
  -- The newest scheduled time that has come; until completed_for reaches it, a pass is due.
  add column due_for timestamptz;
