import { get } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, test } from '@jest/globals'
import type { JsonObject } from '../../../lambdas/core/keepa/json.ts'
import { type Market, type MarketOptions, startMarket } from '../../../local/market/market.ts'

const ASIN = 'B07W6JN8V8'
const NOON = Date.parse('2026-02-20T12:30:00Z')
const NOON_MINUTES = 7_962_510

const open: Market[] = []
afterEach(() => Promise.all(open.splice(0).map((market) => market.close())))

/** A market whose clock stands at noon until the test moves it. */
async function openMarket(options: MarketOptions = {}) {
  const clock = { now: NOON }
  const market = await startMarket({ now: () => clock.now, ...options })
  open.push(market)
  return { market, clock }
}

interface Answered {
  readonly status: number
  readonly body: JsonObject & { readonly products?: JsonObject[]; readonly deals?: { readonly dr: Deal[] } }
}

interface Deal extends JsonObject {
  readonly asin: string
  readonly title: string
  readonly current: number[]
  readonly deltaPercent: number[][]
}

async function ask(
  { url }: Market,
  path: string,
  query: Record<string, string> = {},
  init?: RequestInit,
): Promise<Answered> {
  const response = await fetch(`${url}/${path}?${new URLSearchParams({ key: 'any', ...query })}`, init)
  return { status: response.status, body: (await response.json()) as Answered['body'] }
}

const product = (market: Market, query: Record<string, string> = {}) =>
  ask(market, 'product', { domain: '3', asin: ASIN, ...query })

const deals = async (market: Market, selection: object = {}): Promise<Deal[]> => {
  const body = JSON.stringify({ page: 0, domainId: 3, priceTypes: [0], ...selection })
  return (await ask(market, 'deal', {}, { method: 'POST', body })).body.deals?.dr ?? []
}

const currentOf = (found?: JsonObject): number[] =>
  (found?.stats as { current: number[] } | undefined)?.current ?? []

const FRAME = {
  timestamp: NOON,
  tokensLeft: expect.any(Number),
  refillIn: 60_000,
  refillRate: expect.any(Number),
  tokensConsumed: 0,
  processingTimeInMs: expect.any(Number),
}

describe('every answer', () => {
  test.each(['product', 'product/'])(
    'to /%s has its products, the token fields and no error',
    async (path) => {
      const { market } = await openMarket()
      const { status, body } = await ask(market, path, { domain: '3', asin: ASIN, stats: '90', history: '0' })
      expect(status).toBe(200)
      expect(body).toMatchObject({
        ...FRAME,
        tokensConsumed: 1,
        error: null,
        products: [{ asin: ASIN, domainId: 3, csv: null }],
      })
    },
  )

  test('that refuses has the token fields and an error', async () => {
    const { market } = await openMarket({ dealsEnabled: false })
    expect(await ask(market, 'deal')).toEqual({
      status: 404,
      body: { ...FRAME, error: { type: 'notFound', message: expect.any(String), details: '' } },
    })
  })

  test('is gzip for whoever takes it, and plain for a bare curl', async () => {
    const { market } = await openMarket()
    const url = `${market.url}/token?key=any`
    expect((await fetch(url)).headers.get('content-encoding')).toBe('gzip')
    const plain = await new Promise<string>((resolve, reject) => {
      get(url, (response) => text(response).then(resolve, reject))
    })
    expect(JSON.parse(plain)).toMatchObject({ tokensConsumed: 0 })
  })
})

describe('products', () => {
  test('are the same observation within a slot, and another in the next', async () => {
    const { market, clock } = await openMarket()
    const first = (await product(market, { stats: '90', history: '0' })).body.products
    clock.now += 59_999
    expect((await product(market, { stats: '90', history: '0' })).body.products).toEqual(first)
    clock.now += 1
    expect((await product(market)).body.products?.[0]?.lastUpdate).toBe(NOON_MINUTES + 1)
    expect(first?.[0]?.lastUpdate).toBe(NOON_MINUTES)
  })

  test('have history, statistics and ratings as asked for', async () => {
    const { market } = await openMarket()
    const [full] = (await product(market, { stats: '90', rating: '1' })).body.products ?? []
    const csv = full?.csv as (number[] | null)[]
    const current = currentOf(full)
    expect(csv[0]?.at(-1)).toBe(current[0])
    expect(csv[0]?.at(-2)).toBe(NOON_MINUTES)
    expect(csv[16]?.at(-1)).toBe(current[16])
    const [bare] = (await product(market, { history: '0' })).body.products ?? []
    expect(bare).toMatchObject({ csv: null, stats: null })
    const [unrated] = (await product(market, { history: '0', stats: '90' })).body.products ?? []
    expect(currentOf(unrated)[16]).toBe(-1)
  })

  test('that are sold out end in -1, the buy box in price and shipping', async () => {
    const { market } = await openMarket()
    const seriesOf = async (offer: string, type: number) => {
      const entry = market.catalogue.entries.find((candidate) => candidate.offer === offer)
      const query = { domain: String(entry?.marketplace.keepaDomainId), asin: entry?.asin ?? '' }
      const [found] = (await product(market, query)).body.products ?? []
      return (found?.csv as (number[] | null)[] | undefined)?.[type]
    }
    expect((await seriesOf('out-of-stock', 0))?.at(-1)).toBe(-1)
    expect((await seriesOf('out-of-stock', 0))?.at(-3)).toBeGreaterThan(0)
    expect(((await seriesOf('buy-box', 18)) ?? []).length % 3).toBe(0)
    expect(await seriesOf('never-offered', 0)).toBeNull()
  })

  test('that it does not know are absent', async () => {
    const { market } = await openMarket()
    expect((await product(market, { asin: `B0ABSENT01,${ASIN}` })).body.products).toHaveLength(1)
  })

  test.each([
    ['no domain', { domain: '' }],
    ['the reserved domain', { domain: '7' }],
    ['no ASIN', { asin: '' }],
    ['a malformed ASIN', { asin: 'b07w6jn8v8' }],
    ['101 ASINs', { asin: Array.from({ length: 101 }, (_, n) => `B0${String(n).padStart(8, '0')}`).join() }],
    ['statistics over no days', { stats: '0' }],
    ['a history that is neither 0 nor 1', { history: 'yes' }],
    ['no key', { key: '' }],
  ])('are refused with 400 for %s, and cost nothing', async (_what, query) => {
    const { market } = await openMarket()
    const { status, body } = await product(market, query)
    expect({ status, body }).toMatchObject({
      status: 400,
      body: { tokensConsumed: 0, error: { type: 'invalidParameter' } },
    })
  })

  test('are refused with 402 for another key than the configured one', async () => {
    const { market } = await openMarket({ apiKey: 'the-key' })
    expect((await product(market)).status).toBe(402)
    expect((await product(market, { key: 'the-key' })).status).toBe(200)
  })

  test('are refused with 405 for another method', async () => {
    const { market } = await openMarket()
    expect((await ask(market, 'product', {}, { method: 'DELETE' })).status).toBe(405)
  })
})

describe('deals', () => {
  test('come alike from a POST body and from GET selection', async () => {
    const { market } = await openMarket()
    const selection = JSON.stringify({ page: 0, domainId: 3, priceTypes: [0] })
    const got = (await ask(market, 'deal/', { selection })).body.deals?.dr
    expect(got).toEqual(await deals(market))
    expect(got?.length).toBeGreaterThan(5)
  })

  test('come 150 a page, each once', async () => {
    const { market } = await openMarket({ catalogueSize: 8_000 })
    const pages = await Promise.all([0, 1, 2, 3].map((page) => deals(market, { page })))
    expect(pages.map(({ length }) => length)).toEqual([150, 150, expect.any(Number), 0])
    const all = pages.flat()
    expect(new Set(all.map(({ asin }) => asin)).size).toBe(all.length)
  })

  test.each([
    [
      'a drop of at least so much',
      { deltaPercentRange: [25, 100] },
      (deal: Deal) => (deal.deltaPercent[0]?.[0] ?? 0) >= 25,
    ],
    ['a price range', { currentRange: [1, 5_000] }, (deal: Deal) => (deal.current[0] ?? 0) <= 5_000],
    ['a rating', { minRating: 45 }, (deal: Deal) => (deal.current[16] ?? 0) >= 45],
    [
      'words of the title',
      { titleSearch: 'KEYBOARD cherry' },
      ({ title }: Deal) => /keyboard/i.test(title) && /cherry/i.test(title),
    ],
  ])('are filtered by %s', async (_what, filter, holds) => {
    const { market } = await openMarket({ catalogueSize: 20_000 })
    const some = await deals(market, { ...filter, isRangeEnabled: true, isFilterEnabled: true })
    expect(some.length).toBeGreaterThan(0)
    expect(some.filter((deal) => !holds(deal))).toEqual([])
  })

  test('are sorted by percent, or the other way round', async () => {
    const { market } = await openMarket()
    const percents = async (sortType: number) =>
      (await deals(market, { sortType })).map((deal) => deal.deltaPercent[0]?.[0] ?? 0)
    const highestFirst = await percents(4)
    expect(highestFirst).toEqual(highestFirst.toSorted((one, other) => other - one))
    expect(await percents(-4)).toEqual(highestFirst.toReversed())
  })

  test.each([
    ['no JSON', '{'],
    ['no page', '{"domainId":3,"priceTypes":[0]}'],
    ['two price types', '{"page":0,"domainId":3,"priceTypes":[0,1]}'],
    ['the reserved domain', '{"page":0,"domainId":7,"priceTypes":[0]}'],
    [
      'a range the wrong way round',
      '{"page":0,"domainId":3,"priceTypes":[0],"isRangeEnabled":true,"currentRange":[9,1]}',
    ],
  ])('are refused with 400 for %s', async (_what, body) => {
    const { market } = await openMarket()
    expect((await ask(market, 'deal', {}, { method: 'POST', body })).status).toBe(400)
  })
})

describe('the control', () => {
  const control = async (market: Market, body?: unknown): Promise<Answered> =>
    ask(market, 'control', {}, body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) })

  test('makes the next answers fail, in order, and no longer', async () => {
    const { market } = await openMarket()
    await control(market, { next: [500, 402] })
    const statuses = [await product(market), await product(market), await product(market)].map(
      ({ status }) => status,
    )
    expect(statuses).toEqual([500, 402, 200])
  })

  test('switches deals off and on', async () => {
    const { market } = await openMarket()
    await control(market, { dealsEnabled: false })
    expect((await ask(market, 'deal')).status).toBe(404)
    await control(market, { dealsEnabled: true })
    expect((await deals(market)).length).toBeGreaterThan(0)
  })

  test('sets the tokens, below zero too: then 429 until they are refilled', async () => {
    const { market, clock } = await openMarket({ tokens: { capacity: 10, refillPerMinute: 5 } })
    await control(market, { tokensLeft: -3 })
    expect(await product(market)).toMatchObject({
      status: 429,
      body: { tokensLeft: -3, refillIn: 60_000, refillRate: 5 },
    })
    clock.now += 60_000
    expect(await product(market)).toMatchObject({ status: 200, body: { tokensLeft: 1 } })
  })

  test('shows how the market stands', async () => {
    const { market } = await openMarket()
    market.faults.next(404)
    await product(market)
    market.faults.next('cut', 429)
    expect((await control(market)).body).toMatchObject({
      dealsEnabled: true,
      next: ['cut', 429],
      requests: { product: 1, deal: 0, token: 0, refused: 1 },
    })
  })

  test.each([
    [{ next: [418] }],
    [{ next: 500 }],
    [{ deals: false }],
    [{ dealsEnabled: 'no' }],
    [{ thinkTimeMs: -1 }],
    ['x'],
  ])('says what is wrong with %j and changes nothing', async (body) => {
    const { market } = await openMarket()
    const before = (await control(market)).body
    expect(await control(market, body)).toMatchObject({ status: 400, body: { error: expect.any(String) } })
    expect((await control(market)).body).toEqual(before)
  })
})

test('refuses slots that are no whole minutes: Keepa could not tell their observations apart', async () => {
  await expect(startMarket({ slotMs: 90_000 })).rejects.toThrow(RangeError)
})

test('says that its port is taken', async () => {
  const { market } = await openMarket()
  await expect(startMarket({ port: Number(new URL(market.url).port) })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  })
})

test('closes although somebody still waits for an answer', async () => {
  const market = await startMarket()
  market.faults.next('hang')
  const waiting = product(market).catch(() => 'cut off')
  while (market.requests.product === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  await market.close()
  expect(await waiting).toBe('cut off')
})
