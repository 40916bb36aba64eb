import type { Pool } from 'pg'
import { storableTitle } from '../../core/events/fields.ts'
import type { DealUpdateProducer } from '../../core/kafka/deal-update-producer.ts'
import type { KeepaClient } from '../../core/keepa/client.ts'
import type { Logger } from '../../core/logger.ts'
import { inRun, type NotBegun, type ProducerRun, type RunInput } from '../../core/postgres/producer-runs.ts'
import { isKeepaError } from '../../core/producing/keepa-error.ts'
import {
  addStep,
  EMPTY_REPORT,
  isToBeSentAgain,
  type RunEnd,
  type RunReport,
  type RunStep,
} from '../../core/producing/run-report.ts'
import { sendAll, unsent } from '../../core/producing/send-all.ts'
import { type DealPage, dealsAt, type Place } from './deal-sources.ts'

/** What the deal collector needs. */
export interface CollectDealsDependencies {
  readonly pool: Pool
  readonly keepa: KeepaClient
  readonly producer: DealUpdateProducer
  readonly log: Logger
  /** The marketplaces to collect from, by domain. */
  readonly domains: readonly string[]
  /** Milliseconds since 1970 by which the run must end. */
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
 * Sends an event for each deal of the marketplaces. If tokens or time run out, the run stops and the next one resumes
 * there. Events that Kafka did not acknowledge are sent by the next run, which starts at the first page with one.
 * @throws KeeperError `kafka_unreachable` or `kafka_wrong_listener` before any token is spent, or of the database;
 *   other failures are in the report
 */
export function collectDeals(
  input: RunInput,
  dependencies: CollectDealsDependencies,
): Promise<RunReport | NotBegun> {
  const { pool, deadlineMs } = dependencies
  const leaseMs = deadlineMs - Date.now() + PAGE_MS
  return inRun<Cursor, RunReport>(pool, 'deal-collector', input, leaseMs, (run) =>
    collectAll(run, dependencies),
  )
}

async function collectAll(
  run: ProducerRun<Cursor>,
  dependencies: CollectDealsDependencies,
): Promise<RunReport> {
  const { domains, deadlineMs } = dependencies
  let report = EMPTY_REPORT
  const start = resume(run.cursor, domains)
  let cursor = start
  /** Set only by a run that started from the beginning: going back twice in a row would starve the later pages. */
  let sendAgainFrom: Cursor | undefined
  while (cursor) {
    await run.save(cursor)
    const isOutOfTime = Date.now() + PAGE_MS > deadlineMs
    const { end, next, ...step }: PageResult = isOutOfTime
      ? { end: 'out-of-time' }
      : await collectPage(cursor, dependencies)
    report = addStep(report, step)
    // A page that already failed the last run is skipped; otherwise no other marketplace would ever be asked for.
    if (end && !(end === 'keepa-fault' && run.cursor !== null && cursor === start)) {
      await run.pause(sendAgainFrom ?? cursor)
      return { ...report, end }
    }
    if (run.cursor === null && isToBeSentAgain(step)) sendAgainFrom ??= cursor
    cursor = next ? { domain: cursor.domain, place: next } : firstOfNext(cursor.domain, domains)
  }
  await (isToBeSentAgain(report) ? run.pause(sendAgainFrom ?? null) : run.finish())
  return report
}

/** `next` is the next place within the marketplace; if `end` is set, the next run repeats the page. */
type PageResult = RunStep & { readonly next?: Place; readonly end?: RunEnd }

async function collectPage(
  { domain, place }: Cursor,
  dependencies: CollectDealsDependencies,
): Promise<PageResult> {
  const { producer, log } = dependencies
  let page: DealPage
  try {
    await producer.connect()
    page = await dealsAt(place, domain, dependencies)
  } catch (error) {
    if (!isKeepaError(error)) throw error
    if (error.code === 'keepa_out_of_tokens') return { end: 'out-of-tokens' }
    log.error('deals could not be asked for', { domain, place, code: error.code, reason: error.message })
    const notChecked = [unsent({ asin: 'deals', domain }, error)]
    return { notChecked, end: error.code === 'keepa_fault' ? 'keepa-fault' : undefined }
  }
  const deals = page.deals.map((deal) => ({
    asin: deal.asin,
    domain,
    title: storableTitle(deal.title),
    currentPrice: deal.price,
    originalPrice: deal.originalPrice ?? null,
    discountPercent: deal.discountPercent,
    rating: deal.rating ?? null,
    reviewCount: deal.reviewCount ?? null,
    salesRank: deal.salesRank ?? null,
    timestamp: deal.observedAt,
  }))
  const sent = await sendAll(deals, (deal) => producer.sendDealUpdate(deal), log)
  const { withoutPrice, unknown, tokensLeft, next } = page
  return { ...sent, withoutPrice, unknown, tokensLeft, next }
}

/** The saved place, unless its marketplace is no longer among the domains. */
function resume(saved: Cursor | null, domains: readonly string[]): Cursor | undefined {
  if (saved && domains.includes(saved.domain)) return saved
  return domains[0] === undefined ? undefined : { domain: domains[0], place: START }
}

function firstOfNext(domain: string, domains: readonly string[]): Cursor | undefined {
  const next = domains[domains.indexOf(domain) + 1]
  return next === undefined ? undefined : { domain: next, place: START }
}
