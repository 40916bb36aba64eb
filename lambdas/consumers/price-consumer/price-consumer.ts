import type { Consumer } from '../../core/consuming/consumer.ts'
import { observePrices } from '../../core/consuming/observe.ts'
import { type PriceUpdate, parsePriceUpdate } from '../../core/events/price-update.ts'
import * as TOPICS from '../../core/topics.ts'

const source = 'kafka_prices'

/** Stores the prices of watched products; a price of any other product is counted and passed over. */
export const priceConsumer: Consumer<PriceUpdate> = {
  topic: TOPICS.prices,
  source,
  parse: parsePriceUpdate,
  store: (client, records, delivery) => observePrices(client, { source }, records, delivery),
}
