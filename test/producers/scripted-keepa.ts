import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An answer of Keepa's: a status, and the products where it is 200. */
export interface KeepaAnswer {
  readonly status?: number
  readonly products?: readonly object[]
}

/** What a product request asked for. */
export interface Asked {
  readonly path: string
  readonly domain: string | null
  readonly asins: readonly string[]
  readonly buyBox: boolean
}

/** 2026-02-20T12:30:00Z in Keepa's minutes. */
export const NOON_MINUTES = 7_962_510

/** A product whose price, in cents, is Amazon's own; -1 for none. */
export const keepaProduct = (asin: string, cents: number, changes: object = {}): object => ({
  asin,
  title: `Title of ${asin}`,
  productType: 0,
  lastUpdate: NOON_MINUTES,
  csv: null,
  stats: { current: [cents] },
  ...changes,
})

/** A server that answers product requests as `answer` says; by default every ASIN costs 19.99. */
export async function scriptedKeepa(
  answer: (asked: Asked, count: number) => KeepaAnswer | Promise<KeepaAnswer> = everythingCosts(19_99),
) {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://keepa')
    const asins = (searchParams.get('asin') ?? '').split(',')
    const buyBox = searchParams.get('buybox') === '1'
    const question = { path: pathname.replaceAll('/', ''), domain: searchParams.get('domain'), asins, buyBox }
    asked.push(question)
    const { status = 200, products = [] } = await answer(question, asked.length)
    const tokens = { timestamp: Date.now(), tokensLeft: 500, refillIn: 60_000, refillRate: 100 }
    const error = status === 200 ? null : { type: 'scripted', message: '', details: '' }
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ ...tokens, products, error }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export const everythingCosts =
  (cents: number) =>
  ({ asins }: Asked): KeepaAnswer => ({ products: asins.map((asin) => keepaProduct(asin, cents)) })
