import { setTimeout as delay } from 'node:timers/promises'
import { KeeperError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import { type Marketplace, marketplaceOf } from '../marketplaces.ts'
import { DEALS_PER_PAGE, type DealFilter, dealOf, dealSelection, type KeepaDeal } from './deals.ts'
import { createExchange, type Question } from './exchange.ts'
import { asObject, type JsonObject } from './json.ts'
import { ASIN_PATTERN, ASINS_PER_REQUEST, type Product, productsByAsin } from './products.ts'
import { createTokenMemory, refusalWaitMs } from './tokens.ts'

export interface KeepaClientOptions {
  readonly apiKey: string
  readonly baseUrl?: string
  readonly log?: Logger
  /** Milliseconds since the epoch. */
  readonly now?: () => number
  readonly sleep?: (milliseconds: number) => Promise<unknown>
  /** The share of an hour's tokens that is left for other functions with the same key; default 0. */
  readonly reservedTokens?: number
}

export interface ProductsQuestion {
  /** `de`, `com`, `co.uk` ... */
  readonly domain: string
  /** 1 to ASINS_PER_REQUEST, in either case; invalid ASINs are not asked for and count as missing. */
  readonly asins: readonly string[]
  /**
   * What Keepa returns only on request: ratings, which may cost a second token per product, and the buy box, which
   * costs two more (docs/keepa.md).
   */
  readonly include?: readonly ('rating' | 'buy-box')[]
  /** Asks for the prices since this time too, in milliseconds since the epoch; costs no tokens. */
  readonly pastFromMs?: number
  /** Milliseconds since the epoch; the call does not wait longer. */
  readonly deadline: number
}

export interface ProductsAnswer {
  /** By ASIN, upper case; a product without a price is included, with `price` undefined. */
  readonly products: ReadonlyMap<string, Product>
  /** The ASINs, as asked for, without a usable answer. */
  readonly missing: readonly string[]
  /** ASINs that Keepa answered without being asked, perhaps in place of a missing one. */
  readonly unasked: readonly string[]
  readonly tokensLeft: number
  /** The most tokens there can be: an hour's. */
  readonly tokenCapacity: number
}

export interface DealsQuestion extends DealFilter {
  readonly domain: string
  /** From 0. */
  readonly page: number
  /** Milliseconds since the epoch; the call does not wait longer. */
  readonly deadline: number
}

export interface DealsAnswer {
  readonly deals: readonly KeepaDeal[]
  /** How many deals of the page were left out because they lack an ASIN, a price or a time. */
  readonly unusable: number
  readonly isLastPage: boolean
  readonly tokensLeft: number
}

/**
 * Reads prices and deals from Keepa. On failure both calls throw a KeeperError and return nothing, so that a failed
 * read never looks like a product without a price:
 * - `keepa_payment` (402), `keepa_not_found` (404), `keepa_rejected` (400, 405, an error within a 200): repeating the
 *   request does not help; other requests may succeed;
 * - `keepa_out_of_tokens` (retriable): enough tokens come only after the deadline;
 * - `keepa_fault` (retriable): no usable answer (500, network, cut or HTML body) after all attempts, or until the
 *   deadline.
 */
export interface KeepaClient {
  /** Up to ASINS_PER_REQUEST products of one marketplace, matched by ASIN; one token each, and what `include` adds. */
  products(question: ProductsQuestion): Promise<ProductsAnswer>
  /** One page of up to 150 deals. Many plans have no deals: `keepa_not_found`, then see `dealOfProduct`. */
  deals(question: DealsQuestion): Promise<DealsAnswer>
}

const MOST_ATTEMPTS = 8
const FIRST_DELAY_MS = 1_000
const LONGEST_DELAY_MS = 60_000

/** The read timeout of Keepa's own client; connecting has its own limit (exchange.ts). */
const LONGEST_READ_MS = 120_000

/** Creates a client that tracks Keepa's tokens: create one for each process and keep it. */
export function createKeepaClient(options: KeepaClientOptions): KeepaClient {
  const { apiKey, baseUrl = 'https://api.keepa.com', log, now = Date.now, sleep = delay } = options
  const exchange = createExchange(apiKey, baseUrl)
  const tokens = createTokenMemory(options.reservedTokens)

  /** Waits for tokens; throws at once if they come after the deadline. */
  async function waitForTokens(waitMs: number, deadline: number): Promise<void> {
    if (waitMs <= 0) return
    if (now() + waitMs >= deadline) {
      const left = tokens.left(now()) ?? 'too few'
      const message = `Keepa has ${left} tokens left, and enough only in ${waitMs} ms, after this run's deadline.`
      throw new KeeperError('keepa_out_of_tokens', message, { retriable: true })
    }
    log?.warn('Waiting for Keepa tokens', { waitMs })
    await sleep(waitMs)
  }

  /** Asks until Keepa answers with a list (`listed`), refuses, or the attempts or the time run out. */
  async function ask(
    question: Question,
    deadline: number,
    listed: (body: JsonObject) => unknown,
  ): Promise<readonly unknown[]> {
    let faults = 0
    let refusals = 0
    for (;;) {
      await waitForTokens(tokens.waitMs(now()), deadline)
      const timeoutMs = Math.min(LONGEST_READ_MS, deadline - now())
      if (timeoutMs <= 0) throw fault(`No time was left to ask Keepa for ${question.path}.`)
      const reading = await exchange(question, timeoutMs)
      if (reading.kind !== 'fault') tokens.note(reading.body, now())
      if (reading.kind === 'refusal')
        throw new KeeperError(reading.code, `Keepa refused ${question.path}, ${reading.what}`)
      if (reading.kind === 'out_of_tokens') {
        // If Keepa refuses repeatedly with a short wait, the waits grow as they do after faults.
        const waitMs = Math.max(refusalWaitMs(reading.body), tokens.waitMs(now()), delayAfter(refusals))
        refusals += 1
        await waitForTokens(waitMs, deadline)
        continue
      }
      const list = reading.kind === 'answer' ? listed(reading.body) : undefined
      if (Array.isArray(list)) return list
      faults += 1
      const what = reading.kind === 'fault' ? reading.what : 'HTTP 200 without what was asked for'
      const waitMs = delayAfter(faults)
      const isLasting = reading.kind === 'fault' && reading.isLasting
      if (isLasting || faults >= MOST_ATTEMPTS || now() + waitMs >= deadline)
        throw fault(`Keepa gave no usable answer to ${question.path} in ${faults} attempt(s), last: ${what}`)
      log?.warn('Keepa gave no usable answer, asking again', { path: question.path, what, faults, waitMs })
      await sleep(waitMs)
    }
  }

  const tokensLeft = (): number => tokens.left(now()) ?? 0
  const tokenCapacity = (): number => tokens.capacity() ?? 0

  return {
    async products({ domain, asins, include = [], pastFromMs, deadline }) {
      const marketplace = knownMarketplace(domain)
      if (asins.length < 1 || asins.length > ASINS_PER_REQUEST)
        throw new KeeperError(
          'keepa_rejected',
          `${asins.length} ASINs asked for; a request takes 1 to ${ASINS_PER_REQUEST}.`,
        )
      const wanted = new Set(asins.map(normalized).filter((asin) => ASIN_PATTERN.test(asin)))
      if (wanted.size === 0)
        return {
          ...{ products: new Map(), missing: [...asins], unasked: [] },
          ...{ tokensLeft: tokensLeft(), tokenCapacity: tokenCapacity() },
        }
      const query = {
        domain: String(marketplace.keepaDomainId),
        asin: [...wanted].join(','),
        stats: '90',
        history: pastFromMs === undefined ? '0' : '1',
        rating: include.includes('rating') ? '1' : '0',
        ...(include.includes('buy-box') ? { buybox: '1' } : {}),
      }
      const answered = await ask({ path: 'product', query }, deadline, (body) => body.products)
      const products = productsByAsin(answered, marketplace, pastFromMs)
      const unasked = [...products.keys()].filter((asin) => !wanted.has(asin))
      for (const asin of unasked) products.delete(asin)
      const missing = asins.filter((asin) => !products.has(normalized(asin)))
      return { products, missing, unasked, tokensLeft: tokensLeft(), tokenCapacity: tokenCapacity() }
    },

    async deals({ domain, page, deadline, ...filter }) {
      const marketplace = knownMarketplace(domain)
      const body = dealSelection(filter, marketplace, page)
      const answered = await ask({ path: 'deal', body }, deadline, (answer) => asObject(answer.deals)?.dr)
      const deals = answered.map((deal) => dealOf(deal, marketplace)).filter((deal) => deal !== undefined)
      const isLastPage = answered.length < DEALS_PER_PAGE
      return { deals, unusable: answered.length - deals.length, isLastPage, tokensLeft: tokensLeft() }
    },
  }
}

/** The wait after `failures` failures in a row: 1 s, doubled each time, at most 60 s; 0 before the first. */
const delayAfter = (failures: number): number =>
  failures === 0 ? 0 : Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 1))

const fault = (message: string): KeeperError => new KeeperError('keepa_fault', message, { retriable: true })

const normalized = (asin: string): string => asin.trim().toUpperCase()

function knownMarketplace(domain: string): Marketplace {
  const marketplace = marketplaceOf(domain)
  if (marketplace) return marketplace
  throw new KeeperError('keepa_rejected', `Keepa has no marketplace "${domain}".`)
}
