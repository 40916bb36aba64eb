import middy from '@middy/core'
import type { Context } from 'aws-lambda'
import { consumeDependencies } from '../../core/clients.ts'
import { forward } from '../../core/consuming/forward.ts'
import type { BatchResponse } from '../../core/consuming/invocation.ts'
import type { TopicForwarder } from '../../core/consuming/topic-forwarder.ts'
import type { MskEvent } from '../../core/kafka/msk-event.ts'
import { createLogger } from '../../core/logger.ts'
import { reportInvocation } from '../../core/report-invocation.ts'
import { requireOpenSearch } from '../../core/search/open-search.ts'
import type { DealRecord } from './deal-record.ts'
import { searchIndexer } from './search-indexer.ts'

const log = createLogger({ function: 'search-indexer' })

let indexer: TopicForwarder<DealRecord> | undefined

/** Invoked by the event source mapping of `deal-updates`, where search is on. */
export const handler = middy<MskEvent, BatchResponse>()
  .use(reportInvocation(log))
  .handler((event: MskEvent, context: Context) => {
    indexer ??= searchIndexer(requireOpenSearch(process.env))
    return forward(event, indexer, consumeDependencies(log, context))
  })
