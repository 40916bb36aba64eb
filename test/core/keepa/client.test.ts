import { afterEach, describe, expect, test } from '@jest/globals'
import { createKeepaClient } from '../../../lambdas/core/keepa/client.ts'
import { createClock, type Scripted, startScriptedServer } from './keepa-server.ts'

const servers: { close(): Promise<void> }[] = []
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())))

/** A client of a server that gives these answers. */
async function clientOf(...script: readonly Scripted[]) {
  const server = await startScriptedServer(...script)
  servers.push(server)
  const clock = createClock()
  const client = createKeepaClient({
    apiKey: 'the-key',
    baseUrl: server.url,
    now: clock.now,
    sleep: clock.sleep,
  })
  const products = (asins: string[], domain = 'de') =>
    client.products({ domain, asins, deadline: clock.in(900_000) })
  return { client, clock, products, asked: server.asked }
}

describe('products', () => {
  test('are asked for in one request, without history, whose cost is one token each', async () => {
    const { products, asked } = await clientOf({ fixture: 'products-history.json' })
    await products(['B0AMAZON01', 'b0buybox01 ', 'B0AMAZON01'])
    const query = {
      key: 'the-key',
      domain: '3',
      asin: 'B0AMAZON01,B0BUYBOX01',
      stats: '90',
      history: '0',
      rating: '0',
    }
    expect(asked).toEqual([{ method: 'GET', path: '/product', query, body: '' }])
  })

  test('come with their past where it is asked for, up to the present', async () => {
    const { client, asked } = await clientOf({ fixture: 'products-history.json' })
    const question = { domain: 'de', asins: ['B0AMAZON01', 'B0BUYBOX01'], deadline: Number.MAX_SAFE_INTEGER }
    const { products } = await client.products({ ...question, pastFromMs: 0 })
    expect(asked[0]?.query.history).toBe('1')
    expect(products.get('B0AMAZON01')?.past).toEqual([{ observedAt: '2026-02-19T12:30:00Z', price: '59.99' }])
    expect(products.get('B0BUYBOX01')).toMatchObject({
      price: '45.99',
      past: [{ observedAt: '2026-02-19T12:30:00Z', price: '59.99' }],
    })
  })

  test('come with ratings where they are asked for', async () => {
    const { client, asked } = await clientOf({ fixture: 'products-history.json' })
    await client.products({
      domain: 'de',
      asins: ['B0AMAZON01'],
      include: ['rating'],
      deadline: Number.MAX_SAFE_INTEGER,
    })
    expect(asked[0]?.query.rating).toBe('1')
  })

  test('come with the buy box where it is asked for', async () => {
    const { client, asked } = await clientOf({ fixture: 'products-statistics.json' })
    const deadline = Number.MAX_SAFE_INTEGER
    const question = { domain: 'de', asins: ['B0STATS018'], deadline }
    const { products } = await client.products({ ...question, include: ['buy-box'] })
    expect(asked[0]?.query.buybox).toBe('1')
    expect(products.get('B0STATS018')).toMatchObject({ price: '45.99', offer: 'buy-box' })
    await client.products(question)
    expect(asked[1]?.query).not.toHaveProperty('buybox')
  })

  test('carry price, time, mean, list price, rating, reviews and rank', async () => {
    const { products } = await clientOf({ fixture: 'products-statistics.json' })
    const { products: found, missing, tokensLeft } = await products(['B0STATS001'])
    expect(found.get('B0STATS001')).toEqual({
      asin: 'B0STATS001',
      title: 'Statistics only',
      price: '49.99',
      offer: 'amazon',
      observedAt: '2026-02-20T12:30:00Z',
      averagePrice90: '59.99',
      listPrice: '69.99',
      rating: 4.5,
      reviewCount: 1847,
      salesRank: 1200,
      productType: 0,
      isGone: false,
      isRedirected: false,
    })
    expect(missing).toEqual([])
    expect(tokensLeft).toBe(299)
  })

  test("take the mean of the price's own series", async () => {
    const { products } = await clientOf({ fixture: 'products-statistics.json' })
    const { products: found } = await products(['B0STATS018'])
    expect(found.get('B0STATS018')).toMatchObject({ price: '45.99', averagePrice90: '47.99' })
  })

  test('without a price are there, with no price', async () => {
    const { products } = await clientOf({ fixture: 'products-history.json' })
    const { products: found, missing } = await products(['B0GONE0001', 'B0COUNTS01'])
    expect([...found.values()].map(({ asin, price }) => [asin, price])).toEqual([
      ['B0GONE0001', undefined],
      ['B0COUNTS01', undefined],
    ])
    expect(missing).toEqual([])
  })

  test('are matched by ASIN: in another order, twice, not asked for, of another marketplace or not at all', async () => {
    const { products } = await clientOf({ fixture: 'products-unordered.json' })
    const asins = ['B0FIRST001', 'B0SECOND01', 'B0TWICE001', 'B0OTHERLOC', 'B0NOTIME01', 'B0ABSENT01']
    const { products: found, missing, unasked } = await products(asins)
    expect(unasked).toEqual(['B0NOTASKED'])
    expect(Object.fromEntries([...found].map(([asin, { title, price }]) => [asin, [title, price]]))).toEqual({
      B0FIRST001: ['', '10.00'],
      B0SECOND01: ['Second asked, first answered', '20.00'],
      B0TWICE001: ['Newer', '30.00'],
    })
    expect(missing).toEqual(['B0OTHERLOC', 'B0NOTIME01', 'B0ABSENT01'])
  })

  test('in yen have whole prices', async () => {
    const { products, asked } = await clientOf({ fixture: 'products-yen.json' })
    const { products: found } = await products(['B0YEN00001'], 'co.jp')
    expect(found.get('B0YEN00001')).toMatchObject({
      price: '4999.00',
      averagePrice90: '5500.00',
      listPrice: '12000.00',
    })
    expect(asked[0]?.query.domain).toBe('5')
  })

  test('with malformed ASINs are missing, and cost the others nothing', async () => {
    const { products, asked } = await clientOf({ fixture: 'products-history.json' })
    const { products: found, missing } = await products([
      'nonsense',
      'B0AMAZON01',
      'B0 AMAZON1',
      'B0AMAZON011',
    ])
    expect(asked[0]?.query.asin).toBe('B0AMAZON01')
    expect([...found.keys()]).toEqual(['B0AMAZON01'])
    expect(missing).toEqual(['nonsense', 'B0 AMAZON1', 'B0AMAZON011'])
  })

  test('are not asked for where no ASIN is well-formed', async () => {
    const { products, asked } = await clientOf({ body: {} })
    expect(await products(['nonsense'])).toEqual({
      products: new Map(),
      missing: ['nonsense'],
      unasked: [],
      tokenCapacity: 0,
      tokensLeft: 0,
    })
    expect(asked).toEqual([])
  })

  test.each([0, 101])('are refused before the call where there are %i ASINs', async (count) => {
    const { products, asked } = await clientOf({ body: {} })
    const asins = new Array<string>(count).fill('B0AMAZON01')
    await expect(products(asins)).rejects.toMatchObject({ code: 'keepa_rejected', retriable: false })
    expect(asked).toEqual([])
  })

  test.each(['xx', ''])(
    'are refused before the call in the marketplace %p, which Keepa has not',
    async (domain) => {
      const { products, asked } = await clientOf({ body: {} })
      await expect(products(['B0AMAZON01'], domain)).rejects.toMatchObject({ code: 'keepa_rejected' })
      expect(asked).toEqual([])
    },
  )
})

describe('deals', () => {
  test('are asked for as a JSON body, with the key in the query', async () => {
    const { client, asked } = await clientOf({ fixture: 'deals.json' })
    await client.deals({ domain: 'de', page: 3, minDiscountPercent: 20, deadline: Number.MAX_SAFE_INTEGER })
    expect(asked).toMatchObject([{ method: 'POST', path: '/deal', query: { key: 'the-key' } }])
    expect(JSON.parse(asked[0]?.body ?? '')).toMatchObject({
      page: 3,
      domainId: 3,
      deltaPercentRange: [20, 100],
    })
  })

  test('carry the mean of the interval as the original price and keep the title as it is', async () => {
    const { client } = await clientOf({ fixture: 'deals.json' })
    const { deals, ...rest } = await client.deals({
      domain: 'de',
      page: 0,
      deadline: Number.MAX_SAFE_INTEGER,
    })
    expect(deals[0]).toEqual({
      asin: 'B0DEAL0001',
      title: 'A <b>fine</b> deal &amp; more',
      price: '39.99',
      originalPrice: '59.99',
      discountPercent: 33,
      rating: 4.5,
      reviewCount: 1847,
      salesRank: 1200,
      observedAt: '2026-02-20T12:30:00Z',
    })
    expect(rest).toEqual({ unusable: 3, isLastPage: true, tokensLeft: 299 })
  })

  test('have the percent reckoned where Keepa has none, and none without a mean', async () => {
    const { client } = await clientOf({ fixture: 'deals.json' })
    const { deals } = await client.deals({ domain: 'de', page: 0, deadline: Number.MAX_SAFE_INTEGER })
    expect(deals.slice(1)).toMatchObject([
      { asin: 'B0DEAL0002', originalPrice: '59.99', discountPercent: 33.3 },
      { asin: 'B0DEAL0003', originalPrice: undefined, discountPercent: 0 },
    ])
  })

  test('go on while a page is full, counting what cannot be used', async () => {
    const { client } = await clientOf({ body: { deals: { dr: new Array(150).fill(null) } } })
    const page = await client.deals({ domain: 'de', page: 0, deadline: Number.MAX_SAFE_INTEGER })
    expect(page).toMatchObject({ deals: [], unusable: 150, isLastPage: false })
  })
})
