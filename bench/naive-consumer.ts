import type pg from 'pg'
import { parsePriceUpdate } from '../lambdas/core/events/price-update.ts'
import { type MskEvent, recordsByPartition, textOf } from '../lambdas/core/kafka/msk-event.ts'

/**
 * The consumer that most would write first: for each record a few statements. It does the same work as ours for
 * records in order that come once: it finds the product, adds to the history, updates the current price, and adds an
 * alert for each watch whose target is met.
 */

const FIND = 'select id, current_price from watched_products where domain = $1 and asin = $2'
const ADD = `
insert into price_history (product_id, recorded_at, source, price, topic, partition, "offset")
values ($1, $2, 'kafka_prices', $3, $4, $5, $6) on conflict do nothing`
const UPDATE = `
update watched_products set current_price = $2, previous_price = current_price, price_at = $3, updated_at = now()
where id = $1`
const ALERT = `
insert into price_alerts (watch_id, triggered_price, target_price, previous_price, triggered_at)
select id, $2, target_price, $3, $4 from watches
where product_id = $1 and status = 'ACTIVE' and target_price > 0 and $2 <= target_price * 1.01
on conflict (watch_id) where status = 'PENDING' do nothing`

/** Where a transaction begins and ends: around each record, or around the batch. */
export type Transactions = 'per-record' | 'per-batch'

export async function consumeNaively(
  client: pg.ClientBase,
  event: MskEvent,
  transactions: Transactions,
): Promise<void> {
  if (transactions === 'per-batch') await client.query('begin')
  for (const { topic, partition, offset, value } of recordsByPartition(event).flatMap(
    ({ records }) => records,
  )) {
    const parsed = parsePriceUpdate(textOf(value ?? '') ?? '')
    if ('rejection' in parsed) throw new Error(parsed.rejection.detail)
    const { asin, domain, currentPrice, time } = parsed.event
    if (transactions === 'per-record') await client.query('begin')
    const { rows } = await client.query<{ id: string; current_price: string | null }>(FIND, [domain, asin])
    const [product] = rows
    if (product) {
      await client.query(ADD, [product.id, time?.text, currentPrice, topic, partition, offset])
      await client.query(UPDATE, [product.id, currentPrice, time?.text])
      await client.query(ALERT, [product.id, currentPrice, product.current_price, time?.text])
    }
    if (transactions === 'per-record') await client.query('commit')
  }
  if (transactions === 'per-batch') await client.query('commit')
}
