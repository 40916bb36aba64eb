import type { PriceObservation } from '../../core/events/price-update.ts'
import { marketplaceOf } from '../../core/marketplaces.ts'
import { isKeepaError } from '../../core/producing/keepa-error.ts'
import type { RunEnd, RunStep } from '../../core/producing/run-report.ts'
import { sendNone, unsent } from '../../core/producing/send-all.ts'
import { readAnswer } from '../../core/watched/read-answer.ts'
import { rememberAnswers } from '../../core/watched/remember-answers.ts'
import type { PriceCheckDependencies } from './dependencies.ts'
import type { WatchedPage } from './watched-page.ts'

/** The result of asking for one page. */
export interface Asked {
  /** The events to send. */
  readonly prices: readonly PriceObservation[]
  /** What to report, apart from sending them. */
  readonly step: RunStep
  /** Set if the next run must ask for the page again: the reason. */
  readonly end?: RunEnd
}

/**
 * Asks Keepa for one page's prices, and saves what the answer says about its products.
 * @throws KeeperError of the database
 */
export async function askForPrices(
  page: WatchedPage,
  { keepa, producer, pool, log, deadlineMs, buyBox = 'on' }: PriceCheckDependencies,
): Promise<Asked> {
  const { domain, products } = page
  if (!marketplaceOf(domain)) {
    // Rows from before the table refused unknown domains. Keepa is not at fault, so the run does not fail.
    log.error('products are not checked: Amazon has no such marketplace; correct or delete their rows', {
      table: 'watched_products',
      rows: products.map(({ id, asin }) => ({ id, asin, domain })),
    })
    return { prices: [], step: { unknown: products.length, notFollowed: products.length } }
  }
  try {
    // Before tokens are spent: a price that cannot be sent need not be asked for.
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
    // The client has retried for minutes; the next page would take as long.
    return { prices: [], step: { notChecked }, end: error.code === 'keepa_fault' ? 'keepa-fault' : undefined }
  }
}
