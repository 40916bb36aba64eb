import type { PoolClient } from 'pg'
import type { AcceptedRecord, Consumer, Delivery, StoreCounts } from '../../core/consuming/consumer.ts'
import { observePrices } from '../../core/consuming/observe.ts'
import { type DealUpdate, parseDealUpdate } from '../../core/events/deal-update.ts'
import { allAnswered, type Sent } from '../../core/postgres/transaction.ts'
import { createMissingProducts } from '../../core/postgres/watched-products.ts'
import * as TOPICS from '../../core/topics.ts'
import { keepNewestDeals } from './deals.ts'

const source = 'kafka_deals'

/** Stores every deal: its product, its price in the history, and itself where it is the product's newest. */
export const dealConsumer: Consumer<DealUpdate> = {
  topic: TOPICS.deals,
  source,
  parse: parseDealUpdate,
  store: recordDealPrice,
}

/** The contract's `record_deal_price`, for a batch: in the caller's transaction, set by set. */
async function recordDealPrice(
  client: PoolClient,
  records: readonly AcceptedRecord<DealUpdate>[],
  delivery: Delivery,
): Promise<Sent<StoreCounts>> {
  const { answers } = await observePrices(
    client,
    { source, createProducts: createMissingProducts },
    records,
    delivery,
  )
  const deals = keepNewestDeals(client, records)
  return { answers: allAnswered([answers, deals]).then(([counts]) => counts) }
}
