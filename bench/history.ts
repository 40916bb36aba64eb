import type { BenchDatabase } from './database.ts'
import { PRODUCTS } from './input.ts'

/** A history of so many rows, spread evenly over months that end where new events begin. */
export interface Filled {
  readonly rows: number
  readonly months: number
  /** The first day of the month after the last one. */
  readonly until: Date
}

const MONTHS = `
select month::date::text as month, 'price_history_' || to_char(month, 'YYYY_MM') as name,
  month at time zone 'UTC' as since, (month + interval '1 month') at time zone 'UTC' as until
from generate_series($1::timestamp - $2::integer * interval '1 month', $1::timestamp - interval '1 month', '1 month') as month
order by month`

// Products take turns, as a price check comes to them. A price stays for two weeks, as most do.
const ROWS = `
select product_id, recorded_at, 'kafka_prices'::price_source as source,
  (10 + (product_id * 31 + extract(epoch from recorded_at)::bigint / 1209600 * 17) % 10000 / 100.0)::numeric(12, 2) as price,
  null::time_flag as time_flag, 'price-updates' as topic, (product_id % 4)::integer as partition,
  row_number() over () as "offset"
from generate_series(0, $3::bigint - 1) as step,
  lateral (
    select product_id, $1::timestamptz + (step + (product_id - 1)::double precision / ${PRODUCTS}) * ($2::timestamptz - $1) / $3 as recorded_at
    from generate_series(1, ${PRODUCTS}) as product_id
  ) as observed`

/**
 * Fills the months one by one; each one's key is made afterwards, which is faster. As a stage has it that has run for
 * that long, everything is vacuumed, and what filling left to be written is written.
 */
export async function fillHistory(database: BenchDatabase, filled: Filled): Promise<void> {
  const { client } = database
  await client.query("set maintenance_work_mem = '1GB'")
  const { rows: months } = await client.query<{ name: string; since: Date; until: Date }>(MONTHS, [
    filled.until.toISOString().slice(0, 10),
    filled.months,
  ])
  const perMonth = Math.round(filled.rows / PRODUCTS / filled.months)
  for (const { name, since, until } of months) {
    const [from, to] = [since, until].map((time) => `'${time.toISOString()}'`)
    await client.query(`drop table if exists ${name}`)
    await client.query(
      `create table ${name} (like price_history including defaults including constraints, check (recorded_at >= ${from} and recorded_at < ${to}))`,
    )
    await client.query(`insert into ${name} ${ROWS}`, [since, until, perMonth])
    await client.query(`alter table ${name} add primary key (product_id, recorded_at, source, price)`)
    await client.query(
      `alter table price_history attach partition ${name} for values from (${from}) to (${to})`,
    )
  }
  await client.query('vacuum (analyze, freeze) price_history')
  await client.query('checkpoint')
}

/** The history as it was before there were months: one table. */
export async function inOneTable({ client }: BenchDatabase): Promise<void> {
  await client.query('create table one (like price_history including defaults including constraints)')
  await client.query('insert into one select * from price_history order by recorded_at')
  await client.query('drop table price_history cascade')
  await client.query('alter table one rename to price_history')
  await client.query('alter table price_history add primary key (product_id, recorded_at, source, price)')
  await client.query('vacuum (analyze, freeze) price_history')
  await client.query('checkpoint')
}
