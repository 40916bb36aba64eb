import type { Pool } from 'pg'
import type { PriceObservation } from '../../core/events/price-update.ts'
import type { PriceUpdateProducer } from '../../core/kafka/price-update-producer.ts'
import type { KeepaClient } from '../../core/keepa/client.ts'
import type { Product } from '../../core/keepa/products.ts'
import type { Logger } from '../../core/logger.ts'
import { retentionStartMs } from '../../core/prices/retention.ts'
import { addStep, EMPTY_REPORT, type RunStep } from '../../core/producing/run-report.ts'
import { sendAll } from '../../core/producing/send-all.ts'
import { problemOf } from '../../core/watched/keepa-problem.ts'
import { observationOf, readAnswer } from '../../core/watched/read-answer.ts'
import { rememberAnswers } from '../../core/watched/remember-answers.ts'
import type { WatchedProduct } from '../../core/watched/watched-product.ts'
import { markImported, type WaitingPage } from './waiting-products.ts'

/** What importing a page needs. */
export interface PageDependencies {
  readonly pool: Pool
  readonly keepa: Pick<KeepaClient, 'products'>
  readonly producer: PriceUpdateProducer
  readonly log: Logger
  /** Whether to ask for the buy box, as the price check may; default `on`. */
  readonly buyBox?: 'on' | 'off'
  /** How far back the past goes. */
  readonly historyYears: number
  /** Months of the history that are kept; undefined, the default: all. */
  readonly retentionMonths?: number | undefined
  /** Milliseconds since 1970 by which Keepa must have answered. */
  readonly deadlineMs: number
}

/** The result of importing a page. */
export interface ImportedPage {
  readonly step: RunStep
  /** Products whose past is imported now. */
  readonly imported: number
  readonly tokensLeft: number
  readonly tokenCapacity: number
}

const YEAR_MS = 365.25 * 86_400_000

/**
 * Sends the present of the products, as the price check does, then their past, and saves that it is imported. The present
 * comes first, so that an alert does not wait for the past. A product is saved only after Kafka has acknowledged all of its
 * events: whatever happens before, the next run sends them again, which changes no table.
 * @throws KeeperError of Keepa or the database
 */
export async function importPage(
  page: WaitingPage,
  { pool, keepa, producer, log, buyBox = 'on', historyYears, retentionMonths, deadlineMs }: PageDependencies,
): Promise<ImportedPage> {
  const isBuyBoxAsked = buyBox === 'on'
  const keptFromMs = retentionStartMs(retentionMonths, Date.now())
  const answer = await keepa.products({
    domain: page.domain,
    asins: page.products.map(({ asin }) => asin),
    include: isBuyBoxAsked ? ['buy-box'] : [],
    pastFromMs: Math.max(Date.now() - historyYears * YEAR_MS, keptFromMs),
    deadline: deadlineMs,
  })
  const read = readAnswer(page, answer, { buyBox, isBuyBoxAsked }, log)
  await rememberAnswers(pool, read.changed)
  const send = (price: PriceObservation) => producer.sendPriceUpdate(price)
  const present = await sendAll(read.prices, send, log)

  const unsent = new Set(present.notSent.map(({ asin }) => asin))
  const toImport = page.products.flatMap((watched) => {
    const product = answer.products.get(watched.asin)
    return product && problemOf(product) === null && !unsent.has(watched.asin) ? [{ watched, product }] : []
  })
  const unreadable = toImport.filter(({ product }) => product.past === 'unreadable')
  if (unreadable.length > 0) {
    log.error('the history of these products is malformed in Keepa’s answer, and not imported', {
      domain: page.domain,
      products: unreadable.map(({ watched: { id, asin } }) => ({ id, asin })),
    })
  }
  const past = await sendAll(
    toImport.flatMap(({ watched, product }) => pastOf(watched, product, keptFromMs)),
    send,
    log,
  )
  for (const { asin } of past.notSent) unsent.add(asin)
  const imported = toImport.filter(({ watched }) => !unsent.has(watched.asin))
  await markImported(
    pool,
    imported.map(({ watched }) => watched.id),
  )
  const step = addStep(addStep(addStep(EMPTY_REPORT, read.step), present), past)
  return {
    step,
    imported: imported.length,
    tokensLeft: answer.tokensLeft,
    tokenCapacity: answer.tokenCapacity,
  }
}

/** A product's past as events, oldest first, without what would be forgotten. Targets belong to the present. */
function pastOf(watched: WatchedProduct, product: Product, keptFromMs: number): PriceObservation[] {
  const { past = [] } = product
  if (past === 'unreadable') return []
  return past.flatMap(({ observedAt, price }, index) =>
    Date.parse(observedAt) < keptFromMs
      ? []
      : {
          ...observationOf(watched, { ...product, observedAt }, price),
          targetPrice: null,
          previousPrice: past[index - 1]?.price ?? null,
          history: true,
        },
  )
}
