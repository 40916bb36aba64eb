import { expect } from '@jest/globals'
import type { JsonObject } from '../../../lambdas/core/keepa/json.ts'
import { type Market, type MarketOptions, startMarket } from '../../../local/market/market.ts'

export const ASIN = 'B07W6JN8V8'
export const NOON = Date.parse('2026-02-20T12:30:00Z')
export const NOON_MINUTES = 7_962_510

const open: Market[] = []

/** Closes every market that the test opened. */
export const closeMarkets = () => Promise.all(open.splice(0).map((market) => market.close()))

/** A market whose clock stands at noon until the test moves it. */
export async function openMarket(options: MarketOptions = {}) {
  const clock = { now: NOON }
  const market = await startMarket({ now: () => clock.now, ...options })
  open.push(market)
  return { market, clock }
}

export interface Answered {
  readonly status: number
  readonly body: JsonObject & { readonly products?: JsonObject[]; readonly deals?: { readonly dr: Deal[] } }
}

export interface Deal extends JsonObject {
  readonly asin: string
  readonly title: string
  readonly current: number[]
  readonly deltaPercent: number[][]
}

export async function ask(
  { url }: Market,
  path: string,
  query: Record<string, string> = {},
  init?: RequestInit,
): Promise<Answered> {
  const response = await fetch(`${url}/${path}?${new URLSearchParams({ key: 'any', ...query })}`, init)
  return { status: response.status, body: (await response.json()) as Answered['body'] }
}

export const product = (market: Market, query: Record<string, string> = {}) =>
  ask(market, 'product', { domain: '3', asin: ASIN, ...query })

export const deals = async (market: Market, selection: object = {}): Promise<Deal[]> => {
  const body = JSON.stringify({ page: 0, domainId: 3, priceTypes: [0], ...selection })
  return (await ask(market, 'deal', {}, { method: 'POST', body })).body.deals?.dr ?? []
}

export const currentOf = (found?: JsonObject): number[] =>
  (found?.stats as { current: number[] } | undefined)?.current ?? []

export const FRAME = {
  timestamp: NOON,
  tokensLeft: expect.any(Number),
  refillIn: 60_000,
  refillRate: expect.any(Number),
  tokensConsumed: 0,
  processingTimeInMs: expect.any(Number),
}
