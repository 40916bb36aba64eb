import type pg from 'pg'
import type { CatalogueEntry, Offer } from './market/catalogue.ts'

/** Products that the demo user watches besides the example of docs/events.md. */
const DEMO_PRODUCTS = 24

/** What has no price can never alert: the first mail of a run would be the notice that says so. */
const NEVER_PRICED: readonly Offer[] = ['e-book', 'never-offered']

/** Shares of the base price that targets are set at, in turn: some are met at once, others by a sale, some never. */
const TARGET_SHARES = [1.1, 0.95, 0.85, 0.7]

const SEED = `
with demo as (
  insert into users (email) values ('demo@keeper.example') returning id
), product as (
  insert into watched_products (asin, domain, title, currency)
  select * from unnest($1::text[], $2::text[], $3::text[], $4::text[])
  on conflict (domain, asin) do update set added_by = 'user'
  returning id, asin, domain
)
insert into watches (user_id, product_id, target_price, status)
select demo.id, product.id, target.price, 'ACTIVE'
from demo, product
join unnest($1::text[], $2::text[], $5::numeric[]) as target (asin, domain, price) using (asin, domain)
`

/**
 * Makes a user who watches some products of the simulated market, where nobody watches anything yet, so that prices
 * flow and alerts happen. Gives the number of watches made.
 */
export async function seedDemoWatches(
  client: Pick<pg.Pool, 'query'>,
  catalogue: readonly CatalogueEntry[],
): Promise<number> {
  const { rows } = await client.query<{ any: boolean }>('select exists (select from users) as any')
  if (rows[0]?.any) return 0
  const entries = catalogue.filter(({ offer }) => !NEVER_PRICED.includes(offer)).slice(0, DEMO_PRODUCTS)
  await client.query(SEED, [
    entries.map(({ asin }) => asin),
    entries.map(({ domain }) => domain),
    entries.map(({ title }) => title),
    entries.map(({ marketplace }) => marketplace.currency),
    entries.map(({ basePrice }, index) =>
      targetOf(basePrice, TARGET_SHARES[index % TARGET_SHARES.length] ?? 1),
    ),
  ])
  return entries.length
}

/** Two decimals; which cent it is does not matter for a wish. */
const targetOf = (basePrice: string, share: number): string => (Number(basePrice) * share).toFixed(2)
