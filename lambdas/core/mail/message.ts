import type { Amount } from '../money.ts'

/**
 * What a message tells a person, and what becomes of it. Facts only: no text, no layout. Times are ISO 8601 in UTC,
 * amounts are exact decimal strings in the product's currency.
 */
export type Message = AlertMessage | ReportMessage | NoticeMessage | TestMessage

export type MessageKind = 'alert' | 'digest' | 'report' | 'notice' | 'test'

/** One alert, or several of one user; as a digest, those that were held. */
export interface AlertMessage {
  readonly kind: 'alert' | 'digest'
  /** At least one; the most valuable first. */
  readonly alerts: readonly AlertFacts[]
}

/** The deals of a day that pass a user's filters. */
export interface ReportMessage {
  readonly kind: 'report'
  /** The user's local day, `2026-02-20`. */
  readonly day: string
  /** At least one; the most valuable first. */
  readonly deals: readonly DealFacts[]
}

/** Something about a watch that its user must know: it cannot fire. */
export interface NoticeMessage {
  readonly kind: 'notice'
  readonly product: ProductFacts
  readonly watchId: string
  readonly reason: 'invalid' | 'redirected' | 'gone'
  /** Since when. */
  readonly since: string
  /** The ASIN that Amazon shows instead. */
  readonly redirectedTo: string | null
}

/** What `keeper channels test` sends. */
export interface TestMessage {
  readonly kind: 'test'
  /** The one channel that it goes to; without it, all of the user. */
  readonly channelId?: string
}

export interface ProductFacts {
  readonly asin: string
  /** `de`, `co.uk` ... */
  readonly domain: string
  /** Text of the market, to be escaped. May be empty. */
  readonly title: string
  /** ISO 4217. */
  readonly currency: string
}

export interface AlertFacts {
  readonly alertId: string
  readonly watchId: string
  readonly product: ProductFacts
  /** Why it was sent: the target was reached for the first time (since it was above), or the price fell further. */
  readonly cause: 'target-reached' | 'lower-again'
  /** The newest price, and when it was observed. */
  readonly price: Amount
  readonly priceAt: string
  readonly previousPrice: Amount | null
  readonly targetPrice: Amount
  readonly history: HistoryFacts
}

/** What the history says. Statistics are null where there is not enough of it: less than 7 days or 10 prices. */
export interface HistoryFacts {
  readonly watchedSince: string
  readonly days30: PriceStatistics | null
  readonly days90: PriceStatistics | null
  readonly allTimeLow: { readonly price: Amount; readonly at: string } | null
  /** Prices of the last 90 days, oldest first; null from when nothing was offered. Each holds until the next. */
  readonly points: readonly { readonly at: string; readonly price: Amount | null }[]
}

export interface PriceStatistics {
  readonly lowest: Amount
  /** By time: the price that half of the time was at or below. */
  readonly median: Amount
}

export interface DealFacts {
  readonly product: ProductFacts
  readonly price: Amount
  readonly originalPrice: Amount | null
  readonly discountPercent: number | null
  /** Stars, 0 to 5. */
  readonly rating: number | null
  readonly reviewCount: number | null
  readonly dealAt: string
  readonly points: HistoryFacts['points']
}

/** How a person reads. */
export interface Reader {
  /** BCP 47: `de`, `en-GB` ... Unknown ones read English. */
  readonly locale: string
  /** IANA: `Europe/Berlin`. */
  readonly timeZone: string
}

/** Addresses that a message offers. Null where there is no public address: the message names the command instead. */
export interface MessageLinks {
  /** The page that pauses one watch. */
  readonly pauseWatch: (watchId: string) => string | null
  /** The page that ends messages of this kind. */
  readonly leaveKind: string | null
}

/** A message as a person gets it. */
export interface RenderedMessage {
  /** Begins with the price. No line breaks. */
  readonly subject: string
  readonly html: string
  /** The same facts as the HTML. */
  readonly text: string
  /** Images that the HTML shows by `cid:`. */
  readonly attachments: readonly InlineImage[]
  /** A few lines for a chat or a push message. */
  readonly summary: string
  /** What the summary leads to: the product, if there is one. */
  readonly url: string | null
}

export interface InlineImage {
  readonly contentId: string
  readonly name: string
  readonly contentType: 'image/png'
  readonly bytes: Uint8Array
}
