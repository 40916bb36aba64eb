import type { Pool } from 'pg'
import { storableTitle } from '../../core/events/fields.ts'
import type { PriceUpdateProducer } from '../../core/kafka/price-update-producer.ts'
import type { KeepaClient, ProductsAnswer } from '../../core/keepa/client.ts'
import type { Logger } from '../../core/logger.ts'
import { marketplaceOf } from '../../core/marketplaces.ts'
import { inRun, type NotBegun, type ProducerRun, type RunInput } from '../../core/postgres/producer-runs.ts'
import type { ProductKey } from '../../core/postgres/watched-products.ts'
import { isKeepaError } from '../../core/producing/keepa-error.ts'
import {
  addStep,
  EMPTY_REPORT,
  isToBeSentAgain,
  type RunEnd,
  type RunReport,
  type RunStep,
} from '../../core/producing/run-report.ts'
import { sendAll, sendNone, unsent } from '../../core/producing/send-all.ts'
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

/** Before every product: domains and ASINs are not empty. */
const START: ProductKey = { domain: '', asin: '' }

/**
 * The contract's `run_price_check`: asks for the price of every watched product and sends an event for each that has
 * one. Out of tokens or time it stops, and the next run goes on from there. Events that Kafka did not take are sent by
 * the next run, which begins at the first of them.
 * @throws KeeperError of the database; whatever else goes wrong is in the report
 */
export function runPriceCheck(
  input: RunInput,
  dependencies: PriceCheckDependencies,
): Promise<RunReport | NotBegun> {
  const { pool, deadlineMs } = dependencies
  const leaseMs = deadlineMs - Date.now() + PAGE_MS
  return inRun<ProductKey, RunReport>(pool, 'price-check', input, leaseMs, (run) =>
    checkAll(run, dependencies),
  )
}

async function checkAll(
  run: ProducerRun<ProductKey>,
  dependencies: PriceCheckDependencies,
): Promise<RunReport> {
  const { pool, log, deadlineMs } = dependencies
  let report = EMPTY_REPORT
  let after = run.cursor ?? START
  /** Only a run from the beginning is gone back to: two in a row would keep the pages before from being checked. */
  let sendAgainAfter: ProductKey | undefined
  for (;;) {
    const page = await nextPage(pool, after)
    const last = page.at(-1)
    if (!last) break
    const isOutOfTime = Date.now() + PAGE_MS > deadlineMs
    const { end, ...step } = isOutOfTime ? outOfTime : await checkPage(page, dependencies)
    report = addStep(report, step)
    // A page that also failed the last run is passed over, or no other page would be asked for again.
    if (end && !(end === 'keepa-fault' && after === run.cursor)) {
      await run.pause(sendAgainAfter ?? after)
      log.warn('the run stops and the next one goes on from here', { end, after: sendAgainAfter ?? after })
      return { ...report, end }
    }
    if (run.cursor === null && isToBeSentAgain(step)) sendAgainAfter ??= after
    after = { domain: last.domain, asin: last.asin }
    await run.save(after)
  }
  await (isToBeSentAgain(report) ? run.pause(sendAgainAfter ?? null) : run.finish())
  return report
}

const outOfTime: PageResult = { end: 'out-of-time' }

/** With an `end` the page is to be asked for again by the next run. */
type PageResult = RunStep & { readonly end?: RunEnd }

/** Asks for one page's prices and sends them. */
async function checkPage(
  page: readonly WatchedProduct[],
  { keepa, producer, log, deadlineMs }: PriceCheckDependencies,
): Promise<PageResult> {
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
    if (!isKeepaError(error)) throw error
    if (error.code === 'keepa_out_of_tokens') return { end: 'out-of-tokens' }
    log.error('prices could not be asked for', {
      code: error.code,
      reason: error.message,
      products: page.length,
    })
    const notChecked = page.map((watched) => unsent(watched, error))
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
            // A row that a script made may say another one: the event would be refused.
            currency: marketplaceOf(watched.domain)?.currency ?? watched.currency,
            title: storableTitle(product.title || watched.title),
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
