import { type PriceObservation, serializePriceUpdate } from '../events/price-update.ts'
import type { SentRecord, TopicProducer } from './topic-producer.ts'

/** Publishes prices, keyed by ASIN: one ASIN is always in one partition and in order. */
export class PriceUpdateProducer {
  readonly #topic: TopicProducer
  constructor(topic: TopicProducer) {
    this.#topic = topic
  }

  /** @throws KeeperError as TopicProducer.connect */
  connect(): Promise<void> {
    return this.#topic.connect()
  }

  /** @throws KeeperError as TopicProducer.send; RangeError for a price that is 0 */
  async sendPriceUpdate(price: PriceObservation): Promise<SentRecord> {
    return this.#topic.send({ key: price.asin, value: serializePriceUpdate(price) })
  }
}
