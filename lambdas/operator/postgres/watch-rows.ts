import type { PoolClient } from 'pg'
import { codeOf, KeeperError } from '../../core/errors.ts'
import { marketplaceOf } from '../../core/marketplaces.ts'
import type { Amount } from '../../core/money.ts'
import { iso } from './page.ts'
import { type Person, personOf, type Queries } from './people.ts'
import { knownProduct, namedBy } from './products.ts'

export type WatchStatus = 'ACTIVE' | 'PAUSED' | 'INACTIVE'

/** A watch, with its product. */
export interface WatchSummary {
  readonly id: string
  readonly user: string
  readonly asin: string
  readonly domain: string
  readonly title: string
  readonly currency: string
  readonly status: WatchStatus
  readonly target: Amount | null
  /** The current price; null where none was seen yet. */
  readonly price: Amount | null
  readonly priceAt: string | null
  /** Until when its alerts are held; null where they are not. */
  readonly snoozedUntil: string | null
  readonly productId: string
  /** When the product's past was imported; null if it was not yet. */
  readonly historyImportedAt: string | null
}

export const WATCHES = `
select watch.id, users.email as "user", product.asin, product.domain, product.title, product.currency, watch.status,
  nullif(watch.target_price, 0) as target, product.current_price as price, ${iso('product.price_at')} as "priceAt",
  case when watch.snoozed_until > now() then ${iso('watch.snoozed_until')} end as "snoozedUntil",
  product.id as "productId", ${iso('product.history_imported_at')} as "historyImportedAt"
from watches as watch
join watched_products as product on product.id = watch.product_id
join users on users.id = watch.user_id`

/** Names a watch: its id, or its product as ASIN or address, with the user where several watch it. */
export interface WatchReference {
  readonly watch: string
  readonly domain?: string | undefined
  readonly user?: string | undefined
}

/**
 * The one watch that is meant.
 * @throws KeeperError `no_such_watch` or `watch_ambiguous` with those near it, or what knownProduct throws
 */
export async function watchOf(
  queries: Queries,
  { watch, domain, user }: WatchReference,
): Promise<WatchSummary> {
  const text = watch.trim()
  if (/^\d{1,9}$/.test(text)) {
    const { rows } = await queries.query<WatchSummary>(`${WATCHES} where watch.id = $1`, [text])
    if (rows[0]) return rows[0]
    throw await noSuchWatch(queries, text, text)
  }
  const named = namedBy(text, domain)
  const { rows } = await queries.query<WatchSummary>(
    `${WATCHES} where product.asin = $1 and ($2::text is null or product.domain = $2)
       and ($3::text is null or lower(users.email) = lower($3))
     order by product.domain, users.email limit 11`,
    [named.asin, named.domain ?? null, user ?? null],
  )
  const [first, second] = rows
  if (first && !second) return first
  if (first) {
    const choices = rows.slice(0, 10).map((row) => `${row.id} (${row.domain}, ${row.user})`)
    throw new KeeperError(
      'watch_ambiguous',
      `Which watch? --domain and --user say it, or its id: ${choices.join(', ')}.`,
    )
  }
  if (user !== undefined) await personOf(queries, user)
  await knownProduct(queries, text, domain).catch((error: unknown) => {
    if (codeOf(error) !== 'product_ambiguous') throw error
  })
  throw await noSuchWatch(queries, user === undefined ? text : `${text} of ${user}`, '0')
}

async function noSuchWatch(queries: Queries, watch: string, id: string): Promise<KeeperError> {
  const { rows } = await queries.query<WatchSummary>(
    `${WATCHES} order by abs(watch.id - $1), watch.id limit 3`,
    [id],
  )
  const near = rows.map((row) => `${row.id} (${row.asin} ${row.domain}, ${row.user})`)
  const hint = near.length > 0 ? `; there are ${near.join(', ')}` : ''
  return new KeeperError('no_such_watch', `There is no watch ${watch}${hint}.`)
}

/** A watch as it is to be. Without a target, one that is there keeps its own. */
export interface WantedWatch {
  readonly asin: string
  readonly domain: string
  readonly target: Amount | null
  readonly keepsTarget: boolean
  readonly status: WatchStatus
}

const SAVE = `
insert into watches (user_id, product_id, target_price, status)
select $1, product.id, wanted.target, wanted.status
from unnest($2::text[], $3::text[], $4::numeric[], $5::text[]) as wanted (asin, domain, target, status)
join watched_products as product on product.asin = wanted.asin and product.domain = wanted.domain
order by product.domain, product.asin
on conflict (product_id, user_id) do update
set target_price = coalesce(excluded.target_price, case when $6::boolean then watches.target_price end),
  status = excluded.status, updated_at = now()
where (watches.target_price, watches.status) is distinct from
  (coalesce(excluded.target_price, case when $6::boolean then watches.target_price end), excluded.status)
returning watches.id, xmax = 0 as created
`

/**
 * Makes the watches of a person be as wanted, and their products known; what is so already is not touched.
 * @returns how many are new, and how many were changed
 */
export async function saveWatches(
  client: PoolClient,
  person: Person,
  wanted: readonly WantedWatch[],
): Promise<{ readonly created: number; readonly changed: number }> {
  const asins = wanted.map(({ asin }) => asin)
  const domains = wanted.map(({ domain }) => domain)
  await client.query(
    `insert into watched_products (asin, domain, title, currency)
     select asin, domain, '', currency from unnest($1::text[], $2::text[], $3::text[]) as new (asin, domain, currency)
     order by domain, asin
     on conflict (domain, asin) do nothing`,
    [asins, domains, domains.map((domain) => marketplaceOf(domain)?.currency)],
  )
  let created = 0
  let changed = 0
  for (const keepsTarget of [false, true]) {
    const some = wanted.filter((watch) => watch.keepsTarget === keepsTarget)
    if (some.length === 0) continue
    const { rows } = await client.query<{ created: boolean }>(SAVE, [
      person.id,
      some.map(({ asin }) => asin),
      some.map(({ domain }) => domain),
      some.map(({ target }) => target),
      some.map(({ status }) => status),
      keepsTarget,
    ])
    created += rows.filter((row) => row.created).length
    changed += rows.filter((row) => !row.created).length
  }
  return { created, changed }
}
