import type pg from 'pg'

/** Every table that a consumer may change. */
const TABLES = [
  'watched_products',
  'watches',
  'price_history',
  'price_gaps',
  'price_alerts',
  'deals',
  'rejected_records',
]

/** A digest of all rows of all tables: the same digest, the same tables, to the last column. */
export async function checksum(pool: pg.Pool): Promise<string> {
  const parts = await Promise.all(
    TABLES.map(async (table) => {
      const { rows } = await pool.query<{ digest: string }>(
        `select count(*) || ':' || coalesce(md5(string_agg(row_to_json(t)::text, '|' order by row_to_json(t)::text)), '') as digest from ${table} as t`,
      )
      return `${table} ${rows[0]?.digest}`
    }),
  )
  return parts.join('\n')
}

const CONTENT = `
select json_build_object(
  'products', (select json_agg(json_build_array(asin, domain, title, currency, current_price, previous_price, price_at, unavailable_since) order by domain, asin) from watched_products),
  'history', (
    select json_agg(json_build_array(p.asin, p.domain, h.recorded_at, h.source, h.price, h.time_flag, h.topic, h.partition, h."offset")
      order by p.domain, p.asin, h.recorded_at, h.source, h.price)
    from price_history h join watched_products p on p.id = h.product_id
  ),
  'gaps', (
    select json_agg(json_build_array(p.asin, p.domain, g.recorded_at, g.source, g.time_flag, g.topic, g.partition, g."offset")
      order by p.domain, p.asin, g.recorded_at)
    from price_gaps g join watched_products p on p.id = g.product_id
  ),
  'alerts', (
    select json_agg(json_build_array(p.asin, p.domain, w.user_id, a.triggered_price, a.target_price, a.previous_price, a.status, a.triggered_at)
      order by p.domain, p.asin, w.user_id, a.triggered_at, a.triggered_price)
    from price_alerts a join watches w on w.id = a.watch_id join watched_products p on p.id = w.product_id
  ),
  'deals', (select json_agg(to_json(d) order by domain, asin) from deals d),
  'rejected', (select json_agg(json_build_array(topic, partition, "offset", encode(value, 'hex'), reason) order by topic, partition, "offset") from rejected_records)
) as content
`

/** What the tables say, by natural keys: without surrogate ids and the clock of whoever wrote. */
export async function content(pool: pg.Pool): Promise<unknown> {
  const { rows } = await pool.query<{ content: unknown }>(CONTENT)
  return rows[0]?.content
}

/** A product with a watch of a user of its own for each target; gives the watches' ids. */
export async function watch(
  pool: pg.Pool,
  product: { readonly asin?: string; readonly domain?: string; readonly currency?: string },
  ...targets: readonly (number | null)[]
): Promise<string[]> {
  const { asin = 'B07W6JN8V8', domain = 'de', currency = 'EUR' } = product
  await pool.query(
    'insert into watched_products (asin, domain, title, currency) values ($1, $2, $3, $4) on conflict (domain, asin) do nothing',
    [asin, domain, 'Logitech K380', currency],
  )
  const ids: string[] = []
  for (const target of targets) {
    const { rows } = await pool.query<{ id: string }>(
      `with new_user as (insert into users (email) values (gen_random_uuid() || '@test') returning id)
       insert into watches (user_id, product_id, target_price, status)
       select new_user.id, p.id, $3, 'ACTIVE' from new_user, watched_products p where p.asin = $1 and p.domain = $2
       returning id`,
      [asin, domain, target],
    )
    ids.push(rows[0]?.id ?? '')
  }
  return ids
}
