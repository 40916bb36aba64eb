import { type DealObservation, serializeDealUpdate } from '../events/deal-update.ts'
import type { SentRecord, TopicProducer } from './topic-producer.ts'

/** Publishes deals without a key: they are spread over the partitions, and event time decides which is newest. */
export class DealUpdateProducer {
  readonly #topic: TopicProducer
  constructor(topic: TopicProducer) {
    this.#topic = topic
  }

  /** @throws KeeperError as TopicProducer.connect */
  connect(): Promise<void> {
    return this.#topic.connect()
  }

  /** @throws KeeperError as TopicProducer.send; RangeError for a price that is 0 */
  async sendDealUpdate(deal: DealObservation): Promise<SentRecord> {
    return this.#topic.send({ value: serializeDealUpdate(deal) })
  }
}
