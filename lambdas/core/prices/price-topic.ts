import type { TopicConsumer } from '../consuming/topic-consumer.ts'
import type { Parsed } from '../events/parse.ts'
import { METRICS } from '../metrics.ts'
import type { Topic } from '../topics.ts'
import { notInHistory } from './price-history.ts'
import { type PricedEvent, type PriceRecord, readPrice } from './read-price.ts'
import { type StoreOptions, storeObservations } from './store-observations.ts'

/** A topic whose events are observed prices. */
export interface PriceTopic<Event extends PricedEvent> extends StoreOptions<Event> {
  readonly topic: Topic
  readonly group: string
  /** Reads the text of a record's value. */
  readonly parse: (text: string) => Parsed<Event>
}

/** The consumer of such a topic: it adds prices to the history, updates current prices and raises alerts. */
export const priceTopicConsumer = <Event extends PricedEvent>({
  topic,
  group,
  parse,
  ...options
}: PriceTopic<Event>): TopicConsumer<PriceRecord<Event>> => ({
  topic,
  group,
  metrics: [
    METRICS.historyRowsStored,
    METRICS.alertsRaised,
    METRICS.recordsUnwatched,
    METRICS.recordsWithoutPrice,
    METRICS.keyMismatches,
  ],
  read: (text, record, nowMs) => readPrice(parse(text), record, nowMs),
  isStored: async (client, firsts) =>
    (await notInHistory(client, options.source, firsts)).length < firsts.length,
  store: async (client, records, redelivery) => {
    const { answers } = await storeObservations(client, options, records, redelivery)
    const keyMismatches = topic.key === 'asin' ? records.filter(isKeyMismatch).length : 0
    return {
      answers: answers.then((counts) => ({ ...counts, [METRICS.keyMismatches]: keyMismatches })),
    }
  },
})

/** Whether the key is missing or another ASIN. btoa works because an ASIN is ASCII. */
const isKeyMismatch = ({ record, event }: PriceRecord<PricedEvent>): boolean =>
  record.key !== btoa(event.asin)
