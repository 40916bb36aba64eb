import { setTimeout as delay } from 'node:timers/promises'
import { invokeAndWait } from './invoke.ts'
import type { Keeper, OutputOf } from './keeper.ts'
import { wakeNotifier } from './notifier.ts'
import { partNamed, partsOf } from './parts.ts'

/** What became of an import that was asked for. */
export interface ImportedHistory {
  /** Products whose past was sent. */
  readonly imported: number
  /** Events that Kafka has, the present one included. */
  readonly sent: number
  /** Products that Keepa does not have. */
  readonly unknown: number
  /** Products that have no price, and will have none until somebody acts. */
  readonly notFollowed: number
  /** `finished`, `out-of-tokens` ... */
  readonly end: string
}

/** Why an import was not begun, such as `no-api-key`. */
export interface SkippedImport {
  readonly skipped: string
}

/**
 * Imports the past of a product, and waits until it is sent.
 * @throws ClientError `not_permitted`, `no_such_function` before that version is deployed, or `function_failed`
 */
export async function importHistory(
  keeper: Keeper,
  productId: string,
): Promise<ImportedHistory | SkippedImport> {
  const named = partNamed((await partsOf(keeper)).functions, 'function', 'history-import')
  const report = await invokeAndWait(keeper, named, JSON.stringify({ productIds: [productId] }))
  return (report ?? {}) as ImportedHistory | SkippedImport
}

/** A product as people name it. */
export interface NamedProduct {
  readonly asin: string
  readonly domain: string
}

/** What is stored of a product. */
export interface StoredHistory {
  readonly prices: OutputOf<'prices.show'>
  /** Whether everything that was sent is stored. */
  readonly isComplete: boolean
}

/** Everything there is. */
const ALL_DAYS = 36_500

const POLL_MS = 200
/** A consumer takes a second or two; one that does not work must not hold anybody up. */
const LONGEST_WAIT_MS = 10_000

/** All prices of a product. */
export const storedHistory = (keeper: Keeper, { asin, domain }: NamedProduct) =>
  keeper.call('prices.show', { product: asin, domain, days: ALL_DAYS })

/**
 * Waits until the consumers have stored what an import sent, ten seconds at most, and then has the notifier run: the
 * product's present price may have met the target.
 * @param sent how many events the import sent
 * @throws ClientError where the history cannot be read or the notifier cannot be invoked
 */
export async function untilStored(
  keeper: Keeper,
  product: NamedProduct,
  sent: number,
): Promise<StoredHistory> {
  const untilMs = Date.now() + LONGEST_WAIT_MS
  for (;;) {
    const prices = await storedHistory(keeper, product)
    if (prices.prices + prices.gaps >= sent) {
      await wakeNotifier(keeper)
      return { prices, isComplete: true }
    }
    if (Date.now() > untilMs) return { prices, isComplete: false }
    await delay(POLL_MS)
  }
}
