import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { from as copyFrom } from 'pg-copy-streams'
import { parse } from 'valibot'
import { createLogger } from '../lambdas/core/logger.ts'
import { bulk, indexLines } from '../lambdas/core/search/bulk.ts'
import { type DealDocument, dealIdOf } from '../lambdas/core/search/deal-document.ts'
import { DEALS_ALIAS } from '../lambdas/core/search/deals-index.ts'
import { openDealsTarget } from '../lambdas/core/search/deals-target.ts'
import type { OpenSearch } from '../lambdas/core/search/open-search.ts'
import type { OperatorDependencies } from '../lambdas/operator/operation.ts'
import { dealSearch } from '../lambdas/operator/search/deal-query.ts'
import { searchDeals } from '../lambdas/operator/search/search-deals.ts'
import { type BenchDatabase, benchDatabase } from './database.ts'
import { drawDeals, SEARCHES } from './deals.ts'
import type { Group, Peer } from './measure.ts'
import { startSearchEngine } from './search-engine.ts'

/** DEALS=100000 tries it on fewer. */
const DEALS = Number(process.env.DEALS ?? 1_000_000)
const SEED = 7
/** Each of the searches this often in a round. */
const TIMES = 20
const BULK = 5_000

/** How long `deals.search` takes, in OpenSearch and in Postgres, over the same deals. */
export async function searchLatencyBenches(serverUrl: string): Promise<Group> {
  const { search: openSearch, stop } = await startSearchEngine('search')
  const database = await benchDatabase(serverUrl, 'bench_search_latency', 1)
  await fillPostgres(database)
  await fillOpenSearch(openSearch)
  const pool = database.pool()
  return {
    benches: [
      {
        group: 'search-latency',
        name: 'deals.search, without Lambda',
        what: 'microseconds a search takes, one after the other; x is to OpenSearch’s median',
        input: `${DEALS.toLocaleString('en')} deals, ${SEARCHES.length} searches ${TIMES} times a round, two of them with typos`,
        unit: 'µs',
        peers: [...peersOf('OpenSearch', { openSearch, pool }), ...peersOf('Postgres', { pool })],
      },
    ],
    close: async () => {
      await database.drop()
      await stop()
    },
  }
}

type Source = { readonly pool: ReturnType<BenchDatabase['pool']>; readonly openSearch?: OpenSearch }

/** Both figures of a round are of the same searches; a rate of so many units in a second is the figure itself. */
function peersOf(name: string, source: Source): Peer[] {
  let latest: readonly number[] = []
  const taken = new Set<number>()
  return [0.5, 0.99].map((share) => ({
    name: `${name}, ${share === 0.5 ? 'median' : '99th percentile'}`,
    run: async () => {
      if (latest.length === 0 || taken.has(share)) {
        latest = await searchAll(source)
        taken.clear()
      }
      taken.add(share)
      return { units: latest[Math.ceil(latest.length * share) - 1] ?? Number.NaN, ms: 1_000 }
    },
  }))
}

/** Microseconds of each search, sorted. */
async function searchAll({ pool, openSearch }: Source): Promise<number[]> {
  const dependencies = {
    pool: () => pool,
    openSearch,
    log: createLogger({}, () => undefined),
  } as unknown as OperatorDependencies
  const took: number[] = []
  for (let time = 0; time < TIMES; time += 1) {
    for (const search of SEARCHES) {
      const input = parse(dealSearch, search)
      const start = performance.now()
      const { notice } = await searchDeals.run(input, dependencies)
      took.push((performance.now() - start) * 1_000)
      if (notice !== null) throw new Error(notice)
    }
  }
  return took.sort((a, b) => a - b)
}

async function fillPostgres({ client }: BenchDatabase): Promise<void> {
  const lines = function* () {
    for (const deal of drawDeals(DEALS, SEED)) yield `${COLUMNS.map((column) => deal[column]).join('\t')}\n`
  }
  await pipeline(
    Readable.from(lines()),
    client.query(copyFrom(`copy deals (${COLUMNS.join(', ')}) from stdin`)),
  )
  await client.query('vacuum (analyze) deals')
}

const COLUMNS = [
  ...(['asin', 'domain', 'title', 'current_price', 'original_price', 'discount_percent'] as const),
  ...(['rating', 'review_count', 'sales_rank', 'deal_at'] as const),
] satisfies (keyof DealDocument)[]

async function fillOpenSearch(openSearch: OpenSearch): Promise<void> {
  await openSearch.ask({ method: 'DELETE', path: '/deals-v*', query: { ignore_unavailable: 'true' } })
  await openDealsTarget(openSearch)
  let lines: string[] = []
  const send = async () => {
    if (lines.length > 0) await bulk(openSearch, DEALS_ALIAS, lines, 60_000)
    lines = []
  }
  for (const deal of drawDeals(DEALS, SEED)) {
    lines.push(indexLines(dealIdOf(deal), Date.parse(deal.deal_at), JSON.stringify(deal)))
    if (lines.length === BULK) await send()
  }
  await send()
  await openSearch.ask({ method: 'POST', path: `/${DEALS_ALIAS}/_refresh` })
}
