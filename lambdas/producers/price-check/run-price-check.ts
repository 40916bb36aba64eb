import type { Pool } from 'pg'
import { KeeperError } from '../../core/errors.ts'
import type { PriceUpdateProducer } from '../../core/kafka/price-update-producer.ts'
import type { KeepaClient, ProductsAnswer } from '../../core/keepa/client.ts'
import type { Logger } from '../../core/logger.ts'
import { beginRun, type NotBegun, type RunInput } from '../../core/postgres/producer-runs.ts'
import type { ProductKey } from '../../core/postgres/watched-products.ts'
import {
  addStep,
  EMPTY_REPORT,
  type RunEnd,
  type RunReport,
  type RunStep,
} from '../../core/producing/run-report.ts'
import { sendAll, sendNone } from '../../core/producing/send-all.ts'
import { nextPage, type WatchedProduct } from './watched-page.ts'

/** What the price check works with. */
export interface PriceCheckDependencies {
  readonly pool: Pool
  readonly keepa: KeepaClient
  readonly producer: PriceUpdateProducer
  readonly log: Logger
  /** Milliseconds since 1970 by which the run is over. */
  readonly deadlineMs: number
}

/** No page is begun with less than this left: time for one answer and its sends. */
const PAGE_MS = 20_000

/**
 * The contract's `run_price_check`: asks for the price of every watched product and sends an event for each that has
 * one. Out of tokens or time it stops, and the next run goes on from there.
 * @throws KeeperError of the database; whatever else goes wrong is in the report
 */
export async function runPriceCheck(
  input: RunInput,
  dependencies: PriceCheckDependencies,
): Promise<RunReport | NotBegun> {
  const { pool, log, deadlineMs } = dependencies
  const leaseMs = deadlineMs - Date.now() + PAGE_MS
  const run = await beginRun<ProductKey>(pool, 'price-check', input, leaseMs)
  if ('skipped' in run) return run
  let report = EMPTY_REPORT
  let after = run.cursor
  for (;;) {
    const page = await nextPage(pool, after)
    const last = page.at(-1)
    if (!last) break
    const { end, ...step } =
      Date.now() + PAGE_MS > deadlineMs
        ? { end: 'out-of-time' as const }
        : await checkPage(page, dependencies)
    report = addStep(report, step)
    if (end) {
      await run.pause()
      log.warn('the run stops and the next one goes on from here', { end, after })
      return { ...report, end }
    }
    after = { domain: last.domain, asin: last.asin }
    await run.save(after)
  }
  await run.finish()
  return report
}

/** Asks for one page's prices and sends them; with an `end` the page is to be asked for again by the next run. */
async function checkPage(
  page: readonly WatchedProduct[],
  { keepa, producer, log, deadlineMs }: PriceCheckDependencies,
): Promise<RunStep & { readonly end?: RunEnd }> {
  try {
    // Before tokens are spent: what could not be sent need not be asked for.
    await producer.connect()
  } catch (error) {
    return sendNone(page, error, log)
  }
  let answer: ProductsAnswer
  try {
    answer = await keepa.products({
      domain: page[0]?.domain ?? '',
      asins: page.map(({ asin }) => asin),
      deadline: deadlineMs,
    })
  } catch (error) {
    if (!(error instanceof KeeperError)) throw error
    if (error.code === 'keepa_out_of_tokens') return { end: 'out-of-tokens' }
    log.error('prices could not be asked for', {
      code: error.code,
      reason: error.message,
      products: page.length,
    })
    const notChecked = page.map(({ asin, domain }) => ({ asin, domain, code: error.code }))
    // The client has tried for minutes: the next page would wait as long.
    return { notChecked, end: error.code === 'keepa_fault' ? 'keepa-fault' : undefined }
  }
  const known = page.flatMap((watched) => {
    const product = answer.products.get(watched.asin)
    return product ? [{ watched, product }] : []
  })
  const prices = known.flatMap(({ watched, product }) =>
    product.price === undefined
      ? []
      : [
          {
            asin: watched.asin,
            domain: watched.domain,
            currency: watched.currency,
            title: product.title || watched.title,
            currentPrice: product.price,
            targetPrice: watched.targetPrice,
            previousPrice: watched.currentPrice,
            timestamp: product.observedAt,
          },
        ],
  )
  const sent = await sendAll(prices, (price) => producer.sendPriceUpdate(price), log)
  return {
    ...sent,
    withoutPrice: known.length - prices.length,
    unknown: page.length - known.length,
    tokensLeft: answer.tokensLeft,
  }
}
