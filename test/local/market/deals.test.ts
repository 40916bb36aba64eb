import { afterEach, describe, expect, test } from '@jest/globals'
import { ask, closeMarkets, type Deal, deals, openMarket } from './open-market.ts'

afterEach(closeMarkets)

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
