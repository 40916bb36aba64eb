import { searchIndexer } from '../lambdas/consumers/search-indexer/search-indexer.ts'
import { forward } from '../lambdas/core/consuming/forward.ts'
import type { MskEvent } from '../lambdas/core/kafka/msk-event.ts'
import { DEALS_INDEX } from '../lambdas/core/search/deals-index.ts'
import { createIndex } from '../lambdas/core/search/deals-target.ts'
import { benchDatabase } from './database.ts'
import { PRODUCTS, PriceStream } from './input.ts'
import { type Group, type Sample, timed } from './measure.ts'
import { startSearchEngine } from './search-engine.ts'

/** Events that one round of a peer indexes. */
const EVENTS = 20_000

/** The index of bare requests: with the mapping of the deals'. */
const BARE = 'bench-bare'

/** The indexer's core against OpenSearch and Postgres, beside requests that are made of the same documents beforehand. */
export async function searchBenches(serverUrl: string): Promise<Group> {
  const database = await benchDatabase(serverUrl, 'bench_search', 1)
  const pool = database.pool()
  const { search, stop } = await startSearchEngine('search')
  await search.ask({ method: 'DELETE', path: '/deals-v*,bench-*', query: { ignore_unavailable: 'true' } })
  await createIndex(search, BARE, DEALS_INDEX)
  const indexer = searchIndexer(search)
  const stream = new PriceStream(1)
  const batchesOf = (size: number) =>
    Array.from({ length: EVENTS / size }, () => stream.nextEvent(size, 'deal'))

  const bare = (size: number) => async (): Promise<Sample> => {
    const bodies = batchesOf(size).map(bodyOf)
    const ms = await timed(async () => {
      for (const body of bodies) {
        const answer = await search.ask<{ errors: boolean }>({
          ...{ method: 'POST', path: `/${BARE}/_bulk`, query: { filter_path: 'errors' }, body },
          timeoutMs: 60_000,
        })
        if (answer.errors) throw new Error('A bare request has errors.')
      }
    })
    return { units: EVENTS, ms }
  }
  const indexed = (size: number) => async (): Promise<Sample> => {
    const batches = batchesOf(size)
    const ms = await timed(async () => {
      for (const batch of batches) {
        await forward(batch, indexer, {
          pool,
          log: { info: () => undefined, warn: () => undefined, error: () => undefined },
          emitMetrics: () => undefined,
          deadlineMs: Date.now() + 600_000,
          onFailure: 'throw',
        })
      }
    })
    return { units: EVENTS, ms }
  }

  const bench = (size: number) => ({
    group: 'search',
    name: `the indexer, batch ${size}`,
    what: 'deals a second from an invocation’s event to OpenSearch’s answer and the committed position',
    input: `${EVENTS} deals a round, of ${PRODUCTS} products; bare: _bulk with ids, of bodies made beforehand`,
    unit: 'deals/s',
    peers: [
      { name: `bare _bulk of ${size}`, run: bare(size) },
      { name: `search indexer, batch ${size}`, run: indexed(size) },
    ],
  })
  return {
    benches: [bench(1_000), bench(10_000)],
    close: async () => {
      await stop()
      await database.drop()
    },
  }
}

/** The documents of an event as plain index requests. */
function bodyOf({ records }: MskEvent): string {
  const lines = Object.values(records)
    .flat()
    .map(({ value }) => {
      const { product_title: title, event_type: _, timestamp, ...deal } = JSON.parse(atob(value ?? ''))
      const document = { ...deal, title, deal_at: `${timestamp}Z` }
      return `{"index":{"_id":"${deal.domain}-${deal.asin}"}}\n${JSON.stringify(document)}\n`
    })
  return lines.join('')
}
