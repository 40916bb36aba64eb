-- What the price check remembers of Keepa's answers, and the marketplaces that there are.
-- oldest code: 0002

alter table watched_products
  -- Amazon itself had no offer when Keepa was last asked: the buy box, two tokens more, is asked for from the start.
  add column asks_buy_box boolean not null default false,
  -- Why Keepa has no price of this product and will have none; null where it may have one.
  add column keepa_problem text check (
    keepa_problem in ('unanswered', 'redirected', 'invalid', 'inaccessible', 'e-book', 'variation-parent')
  ),
  add column keepa_problem_since timestamptz,
  -- The ASIN that Keepa answered with instead.
  add column redirected_to text collate "C";

-- "DE" and "b07w6jn8v8" mean a product that Keepa has; written like that it would never be found. A row whose product
-- is there already in the right form keeps its own, as its watches belong to it.
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

-- lambdas/core/marketplaces.ts has the same list (test/core/marketplaces.test.ts compares them).
alter table watched_products
  add constraint watched_products_domain_is_a_marketplace check (
    domain in ('com', 'co.uk', 'de', 'fr', 'co.jp', 'ca', 'it', 'es', 'in', 'com.mx', 'com.br')
  ) not valid,
  add constraint watched_products_asin_is_upper_case check (asin !~ '[^A-Z0-9]') not valid;

-- Rows that do not fit are somebody's and stay, for that one to correct: the price check names them in its log.
do $$
declare
  name text;
begin
  foreach name in array array['watched_products_domain_is_a_marketplace', 'watched_products_asin_is_upper_case'] loop
    begin
      execute format('alter table watched_products validate constraint %I', name);
    exception when check_violation then
      raise warning 'watched_products has rows from before that break %: correct or delete them', name;
    end;
  end loop;
end
$$;

-- Locking a row takes the right to update one of its columns.
grant update (asks_buy_box, keepa_problem, keepa_problem_since, redirected_to) on watched_products
  to keeper_price_check;

alter table producer_runs
  -- The scheduled time that the pass at the cursor is for; null for one that somebody began by hand.
  add column pass_for timestamptz,
  -- The newest scheduled time that has come: until completed_for reaches it, a pass is owed.
  add column due_for timestamptz;
