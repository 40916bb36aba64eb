import { parsePriceUpdate } from '../../core/events/price-update.ts'
import { priceTopicConsumer } from '../../core/prices/price-topic.ts'
import { PRICE_CONSUMER_GROUP, PRICE_UPDATES } from '../../core/topics.ts'

/** Stores the prices of watched products; a price of any other product is counted and passed over. */
export const priceConsumer = priceTopicConsumer({
  topic: PRICE_UPDATES,
  group: PRICE_CONSUMER_GROUP,
  source: 'kafka_prices',
  parse: parsePriceUpdate,
})
