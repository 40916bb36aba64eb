import { storableTitle } from '../../core/events/fields.ts'
import type { PriceObservation } from '../../core/events/price-update.ts'
import type { ProductsAnswer } from '../../core/keepa/client.ts'
import { marketplaceOf } from '../../core/marketplaces.ts'
import { isKeepaError } from '../../core/producing/keepa-error.ts'
import type { RunEnd, RunStep } from '../../core/producing/run-report.ts'
import { sendNone, unsent } from '../../core/producing/send-all.ts'
import type { PriceCheckDependencies } from './run-price-check.ts'
import type { WatchedProduct } from './watched-page.ts'

/** What asking for one page came to. */
export interface Asked {
  /** The events to send. */
  readonly prices: readonly PriceObservation[]
  /** What there is to report before they are sent. */
  readonly step: RunStep
  /** Where the page is to be asked for again by the next run, and why. */
  readonly end?: RunEnd
}

/** Asks Keepa for one page's prices. */
export async function askForPrices(
  page: readonly WatchedProduct[],
  { keepa, producer, log, deadlineMs }: PriceCheckDependencies,
): Promise<Asked> {
  try {
    // Before tokens are spent: what could not be sent need not be asked for.
    await producer.connect()
  } catch (error) {
    return { prices: [], step: sendNone(page, error, log) }
  }
  try {
    const answer = await keepa.products({
      domain: page[0]?.domain ?? '',
      asins: page.map(({ asin }) => asin),
      deadline: deadlineMs,
    })
    return pricesOf(page, answer)
  } catch (error) {
    if (!isKeepaError(error)) throw error
    if (error.code === 'keepa_out_of_tokens') return { prices: [], step: {}, end: 'out-of-tokens' }
    log.error('prices could not be asked for', {
      code: error.code,
      reason: error.message,
      products: page.length,
    })
    const notChecked = page.map((watched) => unsent(watched, error))
    // The client has tried for minutes: the next page would wait as long.
    return { prices: [], step: { notChecked }, end: error.code === 'keepa_fault' ? 'keepa-fault' : undefined }
  }
}

/** The prices that Keepa knows of a page's products, and how many products have none or are unknown. */
function pricesOf(page: readonly WatchedProduct[], { products, tokensLeft }: ProductsAnswer): Asked {
  const prices: PriceObservation[] = []
  let unknown = 0
  for (const watched of page) {
    const product = products.get(watched.asin)
    if (!product) unknown += 1
    if (product?.price === undefined) continue
    prices.push({
      asin: watched.asin,
      domain: watched.domain,
      // A row that a script made may say another one: the event would be refused.
      currency: marketplaceOf(watched.domain)?.currency ?? watched.currency,
      title: storableTitle(product.title || watched.title),
      currentPrice: product.price,
      targetPrice: watched.targetPrice,
      previousPrice: watched.currentPrice,
      timestamp: product.observedAt,
    })
  }
  return { prices, step: { withoutPrice: page.length - unknown - prices.length, unknown, tokensLeft } }
}
