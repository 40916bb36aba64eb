import type { TopicConsumer } from '../../core/consuming/topic-consumer.ts'
import { type PriceUpdate, parsePriceUpdate } from '../../core/events/price-update.ts'
import { METRICS } from '../../core/metrics.ts'
import { allAnswered } from '../../core/postgres/transaction.ts'
import { lockProducts, storeGaps } from '../../core/prices/price-gaps.ts'
import { priceTopicConsumer } from '../../core/prices/price-topic.ts'
import { type GapRecord, type PriceRecord, readPriceOrGap } from '../../core/prices/read-price.ts'
import * as TOPICS from '../../core/topics.ts'

const SOURCE = 'kafka_prices'

const prices = priceTopicConsumer({
  topic: TOPICS.prices,
  group: TOPICS.prices.groups['price-consumer'],
  source: SOURCE,
  parse: parsePriceUpdate,
})

/**
 * Stores the prices of watched products, and since when they are not offered; records of other products are counted and
 * skipped. Only a batch with such gaps takes more statements than its prices.
 */
export const priceConsumer: TopicConsumer<PriceRecord<PriceUpdate> | GapRecord<PriceUpdate>> = {
  ...prices,
  read: (text, record, nowMs) => readPriceOrGap(parsePriceUpdate(text), record, nowMs),
  isStored: (client, firsts) => prices.isStored(client, firsts.filter(isPrice)),
  store: async (client, records, redelivery) => {
    const priced = records.filter(isPrice)
    if (priced.length === records.length) return prices.store(client, priced, redelivery)
    const gaps = records.filter((record) => record.price === null)
    await lockProducts(
      client,
      records.map(({ event }) => event),
    )
    const { answers } = await prices.store(client, priced, redelivery)
    const stored = storeGaps(client, SOURCE, gaps)
    return {
      answers: allAnswered([answers, stored]).then(([counts, unwatched]) => ({
        ...counts,
        [METRICS.recordsWithoutPrice]: gaps.length,
        [METRICS.recordsUnwatched]: (counts[METRICS.recordsUnwatched] ?? 0) + unwatched,
      })),
    }
  },
}

const isPrice = (
  record: PriceRecord<PriceUpdate> | GapRecord<PriceUpdate>,
): record is PriceRecord<PriceUpdate> => record.price !== null
