import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { HistoryFacts } from '../../lambdas/core/mail/message.ts'
import { readHistories } from '../../lambdas/notifier/history-facts.ts'
import { thinned } from '../../lambdas/notifier/thinned-points.ts'
import { numbers } from '../local/until.ts'
import { alert, type Notifying, notifying } from './notifying.ts'

let notifier: Notifying
beforeEach(async () => {
  notifier = await notifying()
})
afterEach(() => notifier.close())

/** The facts of a product with these prices, each as many days ago; null from when nothing was offered. */
async function factsOf(...prices: readonly (readonly [daysAgo: number, price: number | null])[]) {
  const { productId } = await alert(notifier)
  for (const [index, [daysAgo, price]] of prices.entries()) {
    const columns = price === null ? '' : ', price'
    await notifier.query(
      `insert into ${price === null ? 'price_gaps' : 'price_history'}
         (product_id, recorded_at, source, topic, partition, "offset"${columns})
       values ($1, now() - $2::float * interval '1 day', 'kafka_prices', 'price-updates', 0, $3
         ${price === null ? '' : `, ${price}`})`,
      [productId, daysAgo, index],
    )
  }
  return (await readHistories(notifier.pool, [productId])).get(productId) as HistoryFacts
}

describe('requirement 10: what a message says of the history', () => {
  test('is lowest and median by time of 30 and 90 days, and the lowest ever with its day', async () => {
    const facts = await factsOf(
      [400, 20],
      [300, 80],
      ...numbers(12).map((n): [number, number] => [60 - n, 50]),
      [40, 30],
      [39.5, 60],
      ...numbers(10).map((n): [number, number] => [10 - n * 0.1, n % 2 ? 60 : 61]),
    )
    expect(facts.days90).toEqual({ lowest: '30.00', median: '60.00' })
    expect(facts.days30).toEqual({ lowest: '60.00', median: '60.00' })
    expect(facts.allTimeLow).toMatchObject({ price: '20.00' })
    expect((Date.now() - Date.parse(facts.allTimeLow?.at ?? '')) / 86_400_000).toBeCloseTo(400, 1)
    expect((Date.now() - Date.parse(facts.watchedSince)) / 86_400_000).toBeCloseTo(400, 1)
  })

  test('is nothing but since when, where it is younger than a week', async () => {
    const facts = await factsOf(...numbers(20).map((n): [number, number] => [6.9 - n / 10, 50 - n]))
    expect(facts).toMatchObject({ days30: null, days90: null, allTimeLow: null })
    expect(facts.points).toHaveLength(20)
  })

  test('is nothing but since when, where there are fewer than ten prices', async () => {
    const facts = await factsOf(...numbers(9).map((n): [number, number] => [80 - n * 8, 50 - n]))
    expect(facts).toMatchObject({ days30: null, days90: null, allTimeLow: null })
  })

  test('holds the price that was in force when the 90 days began, and each change since', async () => {
    const facts = await factsOf([120, 70], [100, 60], [50, 60], [40, 60], [20, 55], [1, 60])
    expect(facts.points.map(({ price }) => price)).toEqual(['60.00', '55.00', '60.00'])
  })

  test('has a gap where nothing was offered, which counts for no price and for no time', async () => {
    const facts = await factsOf(
      ...numbers(10).map((n): [number, number] => [80 - n * 0.1, 40]),
      [70, null],
      [5, 60],
    )
    expect(facts.points.map(({ price }) => price)).toEqual(['40.00', null, '60.00'])
    expect(facts.days90).toEqual({ lowest: '40.00', median: '40.00' })
    expect(facts.days30).toBeNull()
  })

  test('begins with a gap that was there before the 90 days', async () => {
    const facts = await factsOf([120, 70], [100, null], [50, 60])
    expect(facts.points.map(({ price }) => price)).toEqual([null, '60.00'])
  })

  test('is empty for a product without any price, which is watched since it was added', async () => {
    const facts = await factsOf()
    expect(facts).toMatchObject({ days30: null, days90: null, allTimeLow: null, points: [] })
    expect(Date.now() - Date.parse(facts.watchedSince)).toBeLessThan(60_000)
  })
})

describe('points of a chart', () => {
  const points = numbers(5_000).map((n) => ({
    at: new Date(n * 60_000).toISOString(),
    price: n === 2_345 ? null : `${100 + (n % 97)}.00`,
  }))

  test('are no more than are asked for, in order, with both ends, the extremes and the gaps', () => {
    const few = thinned(
      [...points.slice(0, 1_000), { at: points[1_000]?.at ?? '', price: '1.00' }, ...points.slice(1_001)],
      300,
    )
    expect(few.length).toBeLessThanOrEqual(300)
    expect(few.length).toBeGreaterThan(150)
    expect(few[0]).toEqual(points[0])
    expect(few.at(-1)).toEqual(points.at(-1))
    expect(few.map(({ at }) => at)).toEqual(few.map(({ at }) => at).toSorted())
    expect(few.map(({ price }) => price)).toEqual(expect.arrayContaining([null, '1.00', '196.00']))
  })

  test('are left as they are where they are few', () => {
    expect(thinned(points.slice(0, 300), 300)).toEqual(points.slice(0, 300))
  })
})
