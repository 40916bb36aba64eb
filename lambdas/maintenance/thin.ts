import type { Pool } from 'pg'
import { changeTables } from './ddl.ts'
import type { EarliestOffset } from './earliest-in-kafka.ts'
import { currentWork, type RewriteDependencies, type Rewritten, rewrite } from './rewrite.ts'

export interface ThinDependencies extends RewriteDependencies {
  /** Months before the present one that keep every price; undefined: all do. */
  readonly months: number | undefined
  readonly earliest: readonly EarliestOffset[]
}

/*
 * A month is thinned once it is old enough, and again a month later where rows were left, because Kafka still had their
 * records, or where imports have added to it.
 */
const NEXT = `
select part.name
from price_history_partitions as part
left join price_history_thinned as thinned using (name)
where part.until <= date_trunc('month', now() at time zone 'UTC') at time zone 'UTC' - $1::integer * interval '1 month'
  and part.name <> 'price_history_whole'
  and (
    thinned.thinned_at is null
    or thinned.thinned_at < now() - interval '1 month'
      and (thinned.rows_left > 0 or pg_table_size(part.oid) > thinned.bytes * 1.05 + 65536)
  )
order by part.since
limit 1
`

/** Thins the months that are due, one after the other. What a run does not reach in time is left to the next. */
export async function thinMonths({
  months,
  earliest,
  ...dependencies
}: ThinDependencies): Promise<readonly Rewritten[]> {
  const done: Rewritten[] = []
  for (;;) {
    const work = await currentWork(dependencies.pool)
    if (months === undefined) {
      // Thinning was switched off halfway.
      if (work) await changeTables(dependencies.pool, 'history_rewrite_cancel()', [], dependencies.deadlineMs)
      return done
    }
    const source = work?.source ?? (await nextMonth(dependencies.pool, months))
    if (source === undefined) return done
    const thinned = await rewrite(source, 'thin', earliest, dependencies)
    done.push(thinned)
    if (thinned.state !== 'replaced') return done
  }
}

async function nextMonth(pool: Pool, months: number): Promise<string | undefined> {
  const { rows } = await pool.query<{ name: string }>(NEXT, [months])
  return rows[0]?.name
}
