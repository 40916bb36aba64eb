import { afterEach, describe, expect, test } from '@jest/globals'
import type { Market } from '../../../local/market/market.ts'
import { type Answered, ask, closeMarkets, deals, openMarket, product } from './open-market.ts'

afterEach(closeMarkets)

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
