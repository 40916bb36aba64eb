import type { PriceObservation } from '../../core/events/price-update.ts'
import { ASIN_PATTERN } from '../../core/keepa/products.ts'
import type { Logger } from '../../core/logger.ts'
import { marketplaceOf } from '../../core/marketplaces.ts'
import { isKeepaError } from '../../core/producing/keepa-error.ts'
import type { RunEnd, RunStep } from '../../core/producing/run-report.ts'
import { sendNone, unsent } from '../../core/producing/send-all.ts'
import type { PriceCheckDependencies } from './dependencies.ts'
import { readAnswer } from './read-answer.ts'
import { rememberAnswers } from './remember-answers.ts'
import type { WatchedPage, WatchedProduct } from './watched-page.ts'

/** What asking for one page came to. */
export interface Asked {
  /** The events to send. */
  readonly prices: readonly PriceObservation[]
  /** What there is to report before they are sent. */
  readonly step: RunStep
  /** Where the page is to be asked for again by the next run, and why. */
  readonly end?: RunEnd
}

/**
 * Asks Keepa for one page's prices and remembers what the answer says of its products.
 * @throws KeeperError of the database
 */
export async function askForPrices(
  page: WatchedPage,
  { keepa, producer, pool, log, deadlineMs, buyBox = 'on' }: PriceCheckDependencies,
): Promise<Asked> {
  const { domain, products } = page
  const isMarketplace = marketplaceOf(domain) !== undefined
  nameUncheckable(isMarketplace ? products.filter(({ asin }) => !ASIN_PATTERN.test(asin)) : products, log)
  if (!isMarketplace) return { prices: [], step: { unknown: products.length, notFollowed: products.length } }
  try {
    // Before tokens are spent: what could not be sent need not be asked for.
    await producer.connect()
  } catch (error) {
    return { prices: [], step: sendNone(products, error, log) }
  }
  const isBuyBoxAsked = page.asksBuyBox && buyBox === 'on'
  try {
    const answer = await keepa.products({
      domain,
      asins: products.map(({ asin }) => asin),
      include: isBuyBoxAsked ? ['buy-box'] : [],
      deadline: deadlineMs,
    })
    const read = readAnswer(page, answer, { buyBox, isBuyBoxAsked }, log)
    await rememberAnswers(pool, read.changed)
    return read
  } catch (error) {
    if (!isKeepaError(error)) throw error
    if (error.code === 'keepa_out_of_tokens') return { prices: [], step: {}, end: 'out-of-tokens' }
    log.error('prices could not be asked for', {
      code: error.code,
      reason: error.message,
      products: products.length,
    })
    const notChecked = products.map((watched) => unsent(watched, error))
    // The client has tried for minutes: the next page would wait as long.
    return { prices: [], step: { notChecked }, end: error.code === 'keepa_fault' ? 'keepa-fault' : undefined }
  }
}

/** Rows from before the table refused their like. They are not Keepa's fault, so they do not fail the run. */
function nameUncheckable(rows: readonly WatchedProduct[], log: Logger): void {
  if (rows.length === 0) return
  log.error(
    'products are not checked: Amazon has no such marketplace or ASIN; correct or delete their rows',
    {
      table: 'watched_products',
      rows: rows.map(({ id, asin, domain }) => ({ id, asin, domain })),
    },
  )
}
