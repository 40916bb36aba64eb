import { array, maxLength, minLength, object, optional, pipe } from 'valibot'
import { operation } from '../operation.ts'
import { domain, id, product } from './inputs.ts'
import { knownProduct } from './products.ts'
import { type TimedPrice, thinned } from './thin.ts'

/** What a chart is made of; more are thinned. 100,000 take about 2 MB of JSON, and Lambda's answer 6 MB. */
const MOST_POINTS = 100_000

/** All that is known of a product's prices, oldest first, as a chart takes it: times and prices in lists of their own. */
export interface ChartedPrices {
  /** Seconds since 1970. Of several observations at one time the last is in force. */
  readonly at: readonly number[]
  /** In the product's currency; null from when nothing was offered. */
  readonly price: readonly (number | null)[]
  /** Whether only what a picture shows is left: the first, last, lowest and highest of each stretch of time. */
  readonly isThinned: boolean
}

const CHART = `
with known as (
  select recorded_at, price, source from price_history
  where product_id = $1 and time_flag is distinct from 'implausible' and recorded_at <= now()
  union all
  select recorded_at, null, source from price_gaps
  where product_id = $1 and time_flag is distinct from 'implausible' and recorded_at <= now()
)
select extract(epoch from recorded_at)::double precision, price::double precision
from known order by recorded_at, source, coalesce(price, 0)
`

export const chartPrices = operation({
  access: 'read',
  does: "Gives all of a product's prices and gaps as a chart takes them.",
  input: object({ product, domain: optional(domain) }),
  run: async (wanted, { pool }): Promise<ChartedPrices> => {
    const known = await knownProduct(pool(), wanted.product, wanted.domain)
    const { rows } = await pool().query<[number, number | null]>({
      ...{ text: CHART, values: [known.id], rowMode: 'array' },
    })
    const inForce: TimedPrice[] = rows.filter(([at], index) => at !== rows[index + 1]?.[0])
    const points = thinned(inForce, MOST_POINTS)
    return {
      at: points.map(([at]) => at),
      price: points.map(([, price]) => price),
      isThinned: points.length < inForce.length,
    }
  },
})

/** A product's last days, for a small picture in a list. */
export interface Spark {
  readonly productId: string
  /** Seconds since 1970, oldest first; the first one was in force when the days began. */
  readonly at: readonly number[]
  readonly price: readonly (number | null)[]
}

const SPARK_DAYS = 30
/** As many as a small picture is wide. */
const SPARK_STRETCHES = 60
/** How far back what is in force is looked for at first: a product that is checked has a price in each of these months. */
const BACK_DAYS = 100

/*
 * Of each stretch the last one: the shape is enough. The times are parameters, so that a plan is made for their months
 * alone, and not for those of years.
 */
const STRETCH = `width_bucket(extract(epoch from known.recorded_at), extract(epoch from $3::timestamptz),
  extract(epoch from $4::timestamptz), ${SPARK_STRETCHES})`
const SPARKS = `
select spark."productId", array_agg(spark.at order by spark.at) as at, array_agg(spark.price order by spark.at) as price
from unnest($1::bigint[]) as wanted (id)
cross join lateral (
  select distinct on (${STRETCH})
    wanted.id::text as "productId", extract(epoch from known.recorded_at)::double precision as at,
    known.price::double precision as price
  from (
    (
      select recorded_at, price, source from price_history
      where product_id = wanted.id and time_flag is distinct from 'implausible'
        and recorded_at > $2 and recorded_at <= $3
      order by recorded_at desc limit 1
    )
    union all
    (
      select recorded_at, null, source from price_gaps
      where product_id = wanted.id and time_flag is distinct from 'implausible'
        and recorded_at > $2 and recorded_at <= $3
      order by recorded_at desc limit 1
    )
    union all
    select recorded_at, price, source from price_history
    where product_id = wanted.id and time_flag is distinct from 'implausible'
      and recorded_at > $3 and recorded_at <= $4
    union all
    select recorded_at, null, source from price_gaps
    where product_id = wanted.id and time_flag is distinct from 'implausible'
      and recorded_at > $3 and recorded_at <= $4
  ) as known
  order by ${STRETCH}, known.recorded_at desc, known.source desc, known.price desc nulls last
) as spark
group by spark."productId"
`

/** What was in force for products at a time: the last price, or the last gap, however long before. */
const BEFORE = `
select wanted.id::text as "productId", extract(epoch from known.recorded_at)::double precision as at,
  known.price::double precision as price
from unnest($1::bigint[]) as wanted (id)
cross join lateral (
  select * from (
    (
      select recorded_at, price, source from price_history
      where product_id = wanted.id and time_flag is distinct from 'implausible' and recorded_at <= $2
      order by recorded_at desc limit 1
    )
    union all
    (
      select recorded_at, null, source from price_gaps
      where product_id = wanted.id and time_flag is distinct from 'implausible' and recorded_at <= $2
      order by recorded_at desc limit 1
    )
  ) as latest
  order by recorded_at desc, source desc, price desc nulls last limit 1
) as known
`

export const sparkPrices = operation({
  access: 'read',
  does: 'Gives the shape of the last 30 days of some products.',
  input: object({
    products: pipe(
      array(id),
      minLength(1, 'name a product'),
      maxLength(200, 'at most 200 products at a time'),
    ),
  }),
  run: async ({ products }, { pool }): Promise<readonly Spark[]> => {
    const until = Date.now()
    const [back, from] = [until - (SPARK_DAYS + BACK_DAYS) * DAY_MS, until - SPARK_DAYS * DAY_MS]
    const { rows } = await pool().query<Spark>(SPARKS, [
      products,
      ...[back, from, until].map((ms) => new Date(ms)),
    ])
    const begun = new Set(
      rows.filter(({ at }) => (at[0] ?? until) * 1_000 <= from).map(({ productId }) => productId),
    )
    const others = products.filter((each) => !begun.has(each))
    if (others.length === 0) return rows
    const before = await pool().query<{ productId: string; at: number; price: number | null }>(BEFORE, [
      others,
      new Date(from),
    ])
    const sparks = new Map(rows.map((row) => [row.productId, row]))
    for (const { productId, at, price } of before.rows) {
      const found = sparks.get(productId)
      sparks.set(productId, {
        productId,
        at: [at, ...(found?.at ?? [])],
        price: [price, ...(found?.price ?? [])],
      })
    }
    return [...sparks.values()]
  },
})

const DAY_MS = 86_400_000
