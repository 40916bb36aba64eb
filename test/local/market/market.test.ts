import { get } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, test } from '@jest/globals'
import { type Market, startMarket } from '../../../local/market/market.ts'
import {
  ASIN,
  ask,
  closeMarkets,
  currentOf,
  FRAME,
  NOON_MINUTES,
  openMarket,
  product,
} from './open-market.ts'

afterEach(closeMarkets)

/** The first product of the catalogue with this offer, and what asking for it cost. */
async function productWith(market: Market, offer: string, query: Record<string, string>) {
  const entry = market.catalogue.entries.find((candidate) => candidate.offer === offer)
  const key = { domain: String(entry?.marketplace.keepaDomainId), asin: entry?.asin ?? '' }
  const { body } = await product(market, { ...key, ...query })
  return { found: body.products?.[0], tokensConsumed: body.tokensConsumed }
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

  test('have a past of years: prices that change every few days, sales, and times without an offer', async () => {
    const { market } = await openMarket()
    const past = async () => {
      const [found] = (await product(market)).body.products ?? []
      return (found?.csv as (number[] | null)[] | undefined)?.[0] ?? []
    }
    const amazon = await past()
    const steps = amazon.flatMap((minutes, index) =>
      index % 2 === 0 ? [{ minutes, value: amazon[index + 1] ?? 0 }] : [],
    )
    const days = steps.map(({ minutes }) => (NOON_MINUTES - minutes) / (24 * 60))
    expect(days[0]).toBeGreaterThan(3 * 365)
    expect(days).toEqual(days.toSorted((one, other) => other - one))
    const early = days.filter((day) => day > 1)
    expect((early[0] ?? 0) / early.length).toBeGreaterThan(2)
    expect((early[0] ?? 0) / early.length).toBeLessThan(15)
    const prices = steps.flatMap(({ value }) => (value > 0 ? [value] : []))
    expect(prices.length).toBeLessThan(steps.length)
    const base = market.catalogue.entries[0]?.baseMinorUnits ?? 0
    expect(Math.min(...prices)).toBeLessThan(base * 0.8)
    expect(Math.max(...prices)).toBeLessThan(base * 1.3)
    expect(await past()).toEqual(amazon)
  })

  test('that are sold out end in -1, the buy box in price and shipping', async () => {
    const { market } = await openMarket()
    const seriesOf = async (offer: string, type: number) => {
      const { found } = await productWith(market, offer, { buybox: '1' })
      return (found?.csv as (number[] | null)[] | undefined)?.[type]
    }
    expect((await seriesOf('out-of-stock', 0))?.at(-1)).toBe(-1)
    expect((await seriesOf('out-of-stock', 0))?.at(-3)).toBeGreaterThan(0)
    expect(((await seriesOf('buy-box', 18)) ?? []).length % 3).toBe(0)
    expect(await seriesOf('never-offered', 0)).toBeNull()
  })

  test('have no buy box at all unless it is asked for, which costs two tokens more', async () => {
    const { market } = await openMarket()
    const bare = await productWith(market, 'buy-box', { stats: '90' })
    expect(bare).toMatchObject({ tokensConsumed: 1, found: { csv: { 18: null } } })
    expect(currentOf(bare.found)[18]).toBe(-1)
    const asked = await productWith(market, 'buy-box', { stats: '90', buybox: '1' })
    expect(asked).toMatchObject({ tokensConsumed: 3, found: { csv: { 18: expect.any(Array) } } })
    // What is left without it is what the others ask.
    const [buyBox = 0, others] = [currentOf(asked.found)[18], currentOf(bare.found)[1]]
    expect(buyBox).toBeGreaterThan(0)
    expect(others).toBeGreaterThan(buyBox)
  })

  test('that Amazon ships for a seller have no NEW_FBA: it needs `offers`', async () => {
    const { market } = await openMarket()
    const { found } = await productWith(market, 'fba', { stats: '90', buybox: '1' })
    expect(currentOf(found)[10]).toBe(-1)
    expect(currentOf(found)[1]).toBeGreaterThan(0)
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
    ['a buy box that is neither 0 nor 1', { buybox: '2' }],
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
