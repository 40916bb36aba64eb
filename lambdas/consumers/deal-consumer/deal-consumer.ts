import type { PoolClient } from 'pg'
import type { AcceptedRecord, Consumer, StoreCounts } from '../../core/consuming/consumer.ts'
import { observePrices } from '../../core/consuming/observe.ts'
import { type DealUpdate, parseDealUpdate } from '../../core/events/deal-update.ts'
import { lockOrCreateProducts } from '../../core/postgres/watched-products.ts'
import { DEAL_UPDATES } from '../../core/topics.ts'
import { keepNewestDeals } from './deals.ts'

/** Stores every deal: its product, its price in the history, and itself where it is the product's newest. */
export const dealConsumer: Consumer<DealUpdate> = {
  topic: DEAL_UPDATES,
  parse: parseDealUpdate,
  store: recordDealPrice,
}

/** The contract's `record_deal_price`, for a batch: in the caller's transaction, set by set. */
async function recordDealPrice(
  client: PoolClient,
  records: readonly AcceptedRecord<DealUpdate>[],
): Promise<StoreCounts> {
  const counts = await observePrices(client, 'kafka_deals', records, lockOrCreateProducts)
  await keepNewestDeals(client, records)
  return counts
}
