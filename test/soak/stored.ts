import { until } from '../local/until.ts'
import type { Engines } from './engines.ts'
import { ASINS, type Producers } from './producers.ts'

/** What the tables have, by the ids of messages. */
const HISTORY = `
select product.asin || ' ' || to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS') || ' ' || price as id
from price_history join watched_products as product on product.id = product_id
where product.asin = any ($1) and recorded_at >= $2`

/** Those that a redrive sent again are the same record once more. */
const REJECTED = `
select convert_from(value, 'UTF8') as id from rejected_records
where not exists (select from json_array_elements(headers) as header where header ->> 'key' = 'keeper-redriven-from')`

interface Row {
  readonly id: string
}

/** Each stored price and each rejected record. */
export async function storedIds({ query }: Pick<Engines, 'query'>, sinceMs = 0): Promise<string[]> {
  const history = await query<Row>(HISTORY, [ASINS, new Date(sinceMs)])
  const rejected = await query<Row>(REJECTED)
  return [...history, ...rejected].map(({ id }) => id)
}

/** What was acknowledged and is not stored. */
export async function missing(
  engines: Pick<Engines, 'query'>,
  { acknowledged }: Producers,
  sinceMs = 0,
): Promise<string[]> {
  const wanted = [...acknowledged].filter(([, timeMs]) => timeMs >= sinceMs)
  const stored = new Set(await storedIds(engines, sinceMs))
  return wanted.flatMap(([id]) => (stored.has(id) ? [] : [id]))
}

/** Waits until everything that was acknowledged is stored; gives what is not. */
export async function settled(
  engines: Pick<Engines, 'query'>,
  producers: Producers,
  timeoutMs: number,
): Promise<readonly string[]> {
  let left = ['nothing is known yet']
  let nextMs = 0
  await until(async () => {
    if (Date.now() < nextMs) return false
    // A database that is away is asked again.
    left = await missing(engines, producers).catch(() => left)
    nextMs = Date.now() + 1_000
    return left.length === 0
  }, timeoutMs).catch(() => undefined)
  return left
}
