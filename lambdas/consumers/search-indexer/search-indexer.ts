import type { TopicForwarder } from '../../core/consuming/topic-forwarder.ts'
import { parseDealUpdate } from '../../core/events/deal-update.ts'
import { METRICS } from '../../core/metrics.ts'
import { readPrice } from '../../core/prices/read-price.ts'
import { dealDocument, dealIdOf, dealVersionOf } from '../../core/search/deal-document.ts'
import type { OpenSearch } from '../../core/search/open-search.ts'
import * as TOPICS from '../../core/topics.ts'
import type { DealRecord } from './deal-record.ts'
import { dealWriter } from './deal-writer.ts'

/**
 * Keeps the newest deal of each ASIN and domain in the index, as the deal consumer does in the table `deals`: what one
 * rejects or leaves out, so does the other.
 */
export const searchIndexer = (search: OpenSearch): TopicForwarder<DealRecord> => ({
  topic: TOPICS.deals,
  group: TOPICS.deals.groups['search-indexer'],
  metrics: [
    METRICS.dealsIndexed,
    METRICS.dealsOutdated,
    METRICS.dealsImplausible,
    METRICS.recordsWithoutPrice,
  ],
  read: (text, record, nowMs) => {
    const read = readPrice(parseDealUpdate(text), record, nowMs)
    if (!('accepted' in read)) return read
    const { event, price, time, timeFlag } = read.accepted
    if (timeFlag === 'implausible') return { ignored: METRICS.dealsImplausible }
    const document = dealDocument(event, price, time)
    return { accepted: { record, id: dealIdOf(event), version: dealVersionOf(time), document } }
  },
  forward: dealWriter(search),
})
