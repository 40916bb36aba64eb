import { parsePriceUpdate } from '../../core/events/price-update.ts'
import { priceTopicConsumer } from '../../core/prices/price-topic.ts'
import * as TOPICS from '../../core/topics.ts'

/** Stores the prices of watched products; prices of other products are counted and skipped. */
export const priceConsumer = priceTopicConsumer({
  topic: TOPICS.prices,
  group: TOPICS.prices.groups['price-consumer'],
  source: 'kafka_prices',
  parse: parsePriceUpdate,
})
