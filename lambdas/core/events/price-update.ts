import { type Amount, hundredthsOf, numberOfAmount, priceChangePercent } from '../money.ts'
import {
  checkCurrency,
  checkEventType,
  type Fields,
  readAsin,
  readCurrentPrice,
  readHistory,
  readMarketplace,
  readTimestamp,
  readTitle,
} from './fields.ts'
import { type Parsed, parseEvent } from './parse.ts'
import type { EventTime } from './timestamp.ts'

/** A price of a watched product as a consumer reads it from `price-updates` (docs/events.md). */
export interface PriceUpdate {
  readonly asin: string
  readonly domain: string
  readonly currency: string
  readonly title: string
  /** Null if the event says that there is no price now. */
  readonly currentPrice: Amount | null
  /** Undefined if the event has no readable timestamp. */
  readonly time: EventTime | undefined
  /** Whether nothing is offered: the price is null, and not one of the numbers that mean "unknown". */
  readonly isGap: boolean
  /** A price or gap of the past, imported: never the current price. */
  readonly isHistory: boolean
}

/** Reads a record's value. `target_price`, `previous_price` and `price_change` are for other readers of the topic. */
export const parsePriceUpdate = (text: string): Parsed<PriceUpdate> => parseEvent(text, readPriceUpdate)

function readPriceUpdate(fields: Fields): PriceUpdate {
  checkEventType(fields, 'price_update')
  const asin = readAsin(fields)
  const marketplace = readMarketplace(fields)
  checkCurrency(fields, marketplace)
  return {
    asin,
    domain: marketplace.domain,
    currency: marketplace.currency,
    title: readTitle(fields),
    currentPrice: readCurrentPrice(fields),
    time: readTimestamp(fields),
    isGap: fields.current_price === null,
    isHistory: readHistory(fields),
  }
}

/** A price as a producer sends it. */
export interface PriceObservation {
  readonly asin: string
  readonly domain: string
  readonly currency: string
  readonly title: string
  /** Null: nothing is offered any more. */
  readonly currentPrice: Amount | null
  /** The highest target of the product's active watches. */
  readonly targetPrice: Amount | null
  readonly previousPrice: Amount | null
  /** When the price was observed, ISO 8601. */
  readonly timestamp: string
  /** A price of the past, which never becomes the current one. */
  readonly history?: true
}

/**
 * The message value of a price, its fields in the order of docs/events.md.
 * @throws RangeError if the price is 0: nothing costs nothing
 */
export function serializePriceUpdate(price: PriceObservation): string {
  const { currentPrice } = price
  if (currentPrice !== null && hundredthsOf(currentPrice) <= 0)
    throw new RangeError(`${price.asin} has the price ${currentPrice}: no event`)
  return JSON.stringify({
    asin: price.asin,
    product_title: price.title,
    current_price: currentPrice === null ? null : numberOfAmount(currentPrice),
    target_price: price.targetPrice === null ? null : numberOfAmount(price.targetPrice),
    previous_price: price.previousPrice === null ? null : numberOfAmount(price.previousPrice),
    price_change: currentPrice === null ? 0 : priceChangePercent(price.previousPrice, currentPrice),
    domain: price.domain,
    currency: price.currency,
    timestamp: price.timestamp,
    event_type: 'price_update',
    ...(price.history && { history: true }),
  })
}
