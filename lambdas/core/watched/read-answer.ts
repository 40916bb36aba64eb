import { storableTitle } from '../events/fields.ts'
import type { PriceObservation } from '../events/price-update.ts'
import type { ProductsAnswer } from '../keepa/client.ts'
import type { Product } from '../keepa/products.ts'
import type { Logger } from '../logger.ts'
import { marketplaceOf } from '../marketplaces.ts'
import type { RunStep } from '../producing/run-report.ts'
import { problemOf } from './keepa-problem.ts'
import { type ChangedAnswer, hasChanged, type Remembered } from './remember-answers.ts'
import type { WatchedProduct } from './watched-product.ts'

/** The products of one request to Keepa. */
export interface AskedProducts {
  readonly domain: string
  readonly products: readonly WatchedProduct[]
}

/** Whether the buy box may be asked for, and whether it was for these products. */
export interface BuyBoxUse {
  readonly buyBox: 'on' | 'off'
  readonly isBuyBoxAsked: boolean
}

/** What an answer says about the products. */
export interface ReadAnswer {
  /** One event for each product that has a price, and one without a price where offers have vanished. */
  readonly prices: readonly PriceObservation[]
  readonly step: RunStep
  readonly changed: readonly ChangedAnswer[]
}

/**
 * Reads the prices, and what to save about the products. A product that needs the buy box gets no price here: it is
 * asked for again later in this pass, with the products that ask for the buy box.
 */
export function readAnswer(
  page: AskedProducts,
  answer: ProductsAnswer,
  use: BuyBoxUse,
  log: Logger,
): ReadAnswer {
  const prices: PriceObservation[] = []
  const offers: Record<string, string> = {}
  const changed: ChangedAnswer[] = []
  const count = { priced: 0, unknown: 0, notFollowed: 0, later: 0 }
  for (const watched of page.products) {
    const product = answer.products.get(watched.asin)
    const needsBuyBox = product !== undefined && mayHaveBuyBox(product)
    const isForLater = use.buyBox === 'on' && !use.isBuyBoxAsked && needsBuyBox
    const remembered: Remembered = {
      // A missing answer says nothing about the buy box.
      asksBuyBox: product && use.buyBox === 'on' ? needsBuyBox : watched.asksBuyBox,
      ...(product ? { problem: problemOf(product), redirectedTo: null } : absenceOf(answer)),
    }
    if (hasChanged(watched, remembered)) changed.push({ watched, ...remembered })
    if (remembered.problem !== null) count.notFollowed += 1
    if (!product) count.unknown += 1
    else if (isForLater) count.later += 1
    else if (product.price !== undefined) {
      prices.push(observationOf(watched, product, product.price))
      count.priced += 1
      if (product.offer !== 'amazon') offers[watched.asin] = product.offer ?? ''
    } else if (haveVanished(watched, product) && remembered.problem === null) {
      prices.push(observationOf(watched, product, null))
    }
  }
  const others = Object.keys(offers).length
  if (count.priced > 0)
    log.info('prices found', { domain: page.domain, amazon: count.priced - others, offers })
  logProblems(changed, answer, log)
  const { priced, unknown, notFollowed, later } = count
  const withoutPrice = page.products.length - unknown - later - priced
  return { prices, step: { withoutPrice, unknown, notFollowed, tokensLeft: answer.tokensLeft }, changed }
}

/** Whether offers that were there are not any more, and nobody was told. */
const haveVanished = (watched: WatchedProduct, { isGone, past = [] }: Product): boolean =>
  isGone && !watched.isUnavailable && (watched.currentPrice !== null || past.length > 0)

/** Only standard products have offers other than Amazon's: for downloads Keepa has no marketplace prices. */
const mayHaveBuyBox = (product: Product): boolean =>
  product.offer !== 'amazon' && product.productType === 0 && problemOf(product) === null

/**
 * What to save about a product that was not answered. Keepa does not say which ASIN replaces which; if exactly one is
 * missing and exactly one came unasked, they belong together.
 */
function absenceOf({ missing, unasked }: ProductsAnswer): Pick<Remembered, 'problem' | 'redirectedTo'> {
  const [redirectedTo] = unasked
  return redirectedTo !== undefined && unasked.length === 1 && missing.length === 1
    ? { problem: 'redirected', redirectedTo }
    : { problem: 'unanswered', redirectedTo: null }
}

/** What Keepa saw of a product as an event's fields; a price of null: nothing is offered. */
export function observationOf(
  watched: WatchedProduct,
  product: Product,
  price: string | null,
): PriceObservation {
  const { asin, domain } = watched
  return {
    asin,
    domain,
    // A row written by a script may have another currency, with which the event would be rejected.
    currency: marketplaceOf(domain)?.currency ?? watched.currency,
    title: storableTitle(product.title || watched.title),
    currentPrice: price,
    targetPrice: watched.targetPrice,
    previousPrice: watched.currentPrice,
    timestamp: product.observedAt,
  }
}

/** Logs each product once, when its problem is new. */
function logProblems(changed: readonly ChangedAnswer[], { unasked }: ProductsAnswer, log: Logger): void {
  const affected = changed.filter(({ watched, problem }) => problem !== null && problem !== watched.problem)
  if (affected.length === 0) return
  log.warn('Keepa has no price for these products and will not have one', {
    domain: affected[0]?.watched.domain,
    products: affected.map(({ watched, problem, redirectedTo }) => ({
      asin: watched.asin,
      problem,
      ...(redirectedTo === null ? {} : { redirectedTo }),
    })),
    ...(unasked.length > 0 ? { unasked } : {}),
  })
}
