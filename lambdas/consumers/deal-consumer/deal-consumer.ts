import type { TopicConsumer } from '../../core/consuming/topic-consumer.ts'
import { type DealUpdate, parseDealUpdate } from '../../core/events/deal-update.ts'
import { allAnswered } from '../../core/postgres/transaction.ts'
import { priceTopicConsumer } from '../../core/prices/price-topic.ts'
import type { PriceRecord } from '../../core/prices/read-price.ts'
import { createMissingProducts } from '../../core/prices/watched-products.ts'
import * as TOPICS from '../../core/topics.ts'
import { keepNewestDeals } from './deals.ts'

const dealPrices = priceTopicConsumer({
  topic: TOPICS.deals,
  group: TOPICS.deals.groups['deal-consumer'],
  source: 'kafka_deals',
  parse: parseDealUpdate,
  createProducts: createMissingProducts,
})

/** Stores every deal: its product, its price in the history, and the deal itself if it is the product's newest. */
export const dealConsumer: TopicConsumer<PriceRecord<DealUpdate>> = {
  ...dealPrices,
  store: async (client, records, redelivery) => {
    const { answers } = await dealPrices.store(client, records, redelivery)
    const deals = keepNewestDeals(client, records)
    return { answers: allAnswered([answers, deals]).then(([counts]) => counts) }
  },
}
