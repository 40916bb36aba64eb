import type { Pool } from 'pg'
import { KeeperError } from '../../core/errors.ts'
import type { DealUpdateProducer } from '../../core/kafka/deal-update-producer.ts'
import type { KeepaClient } from '../../core/keepa/client.ts'
import type { Logger } from '../../core/logger.ts'
import { beginRun, type NotBegun, type RunInput } from '../../core/postgres/producer-runs.ts'
import { addStep, EMPTY_REPORT, type RunReport } from '../../core/producing/run-report.ts'
import { sendAll } from '../../core/producing/send-all.ts'
import { type DealPage, dealsAt, type Place } from './deal-sources.ts'

/** What the deal collector works with. */
export interface CollectDealsDependencies {
  readonly pool: Pool
  readonly keepa: KeepaClient
  readonly producer: DealUpdateProducer
  readonly log: Logger
  /** The marketplaces to collect from, by domain. */
  readonly domains: readonly string[]
  /** Milliseconds since 1970 by which the run is over. */
  readonly deadlineMs: number
}

/** Where a run stopped: a marketplace and the place within it. */
interface Cursor {
  readonly domain: string
  readonly place: Place
}

const PAGE_MS = 20_000
const START: Place = { page: 0 }

/**
 * The contract's `collect_deals`: sends an event for each deal of the marketplaces. Out of tokens or time it stops,
 * and the next run goes on from there.
 * @throws KeeperError `kafka_unreachable` or `kafka_wrong_listener` before any token is spent, or of the database;
 *   whatever else goes wrong is in the report
 */
export async function collectDeals(
  input: RunInput,
  dependencies: CollectDealsDependencies,
): Promise<RunReport | NotBegun> {
  const { pool, producer, log, domains, deadlineMs } = dependencies
  const run = await beginRun<Cursor>(pool, 'deal-collector', input, deadlineMs - Date.now() + PAGE_MS)
  if ('skipped' in run) return run
  let report = EMPTY_REPORT
  let cursor: Cursor | undefined = resume(run.cursor, domains)
  while (cursor) {
    const { domain, place }: Cursor = cursor
    await run.save(cursor)
    if (Date.now() + PAGE_MS > deadlineMs) {
      await run.pause()
      return { ...report, end: 'out-of-time' }
    }
    let page: DealPage
    try {
      await producer.connect()
      page = await dealsAt(place, domain, dependencies)
    } catch (error) {
      if (!(error instanceof KeeperError)) throw error
      if (error.code === 'keepa_out_of_tokens' || error.code.startsWith('kafka_')) {
        await run.pause()
        if (error.code !== 'keepa_out_of_tokens') throw error
        return { ...report, end: 'out-of-tokens' }
      }
      log.error('deals could not be asked for', { domain, place, code: error.code, reason: error.message })
      report = addStep(report, { notChecked: [{ asin: 'deals', domain, code: error.code }] })
      if (error.code === 'keepa_fault') {
        await run.pause()
        return { ...report, end: 'keepa-fault' }
      }
      cursor = firstOfNext(domain, domains)
      continue
    }
    const deals = page.deals.map((deal) => ({
      asin: deal.asin,
      domain,
      title: deal.title,
      currentPrice: deal.price,
      originalPrice: deal.originalPrice ?? null,
      discountPercent: deal.discountPercent,
      rating: deal.rating ?? null,
      reviewCount: deal.reviewCount ?? null,
      salesRank: deal.salesRank ?? null,
      timestamp: deal.observedAt,
    }))
    const sent = await sendAll(deals, (deal) => producer.sendDealUpdate(deal), log)
    const { withoutPrice, unknown, tokensLeft } = page
    report = addStep(report, { ...sent, withoutPrice, unknown, tokensLeft })
    cursor = page.next ? { domain, place: page.next } : firstOfNext(domain, domains)
  }
  await run.finish()
  return report
}

/** The saved place, unless its marketplace is no longer collected from. */
function resume(saved: Cursor | null, domains: readonly string[]): Cursor | undefined {
  if (saved && domains.includes(saved.domain)) return saved
  return domains[0] === undefined ? undefined : { domain: domains[0], place: START }
}

function firstOfNext(domain: string, domains: readonly string[]): Cursor | undefined {
  const next = domains[domains.indexOf(domain) + 1]
  return next === undefined ? undefined : { domain: next, place: START }
}
