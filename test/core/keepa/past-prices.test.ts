import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { pastPrices } from '../../../lambdas/core/keepa/past-prices.ts'
import { currentPrice, decimalOf } from '../../../lambdas/core/keepa/prices.ts'
import { type Marketplace, marketplaceOf } from '../../../lambdas/core/marketplaces.ts'

const marketplace = marketplaceOf('de') as Marketplace

const AMAZON = 0
const NEW = 1
const FBA = 10
const BUY_BOX = 18

const csvOf = (series: Readonly<Record<number, unknown>>): unknown[] =>
  Array.from({ length: 36 }, (_, type) => series[type] ?? null)

/** The past as `[minutes, price]`, with minutes as Keepa counts them. */
function past(
  series: Readonly<Record<number, unknown>>,
  range = { from: 0, until: 1_000 },
  changes: object = {},
) {
  const found = pastPrices({ csv: csvOf(series), ...changes }, marketplace, range)
  return found === 'unreadable' ? found : found.map(({ observedAt, price }) => [minutesOf(observedAt), price])
}
const minutesOf = (iso: string) => (Date.parse(iso) - Date.UTC(2011, 0, 1)) / 60_000

describe('the past of a product', () => {
  test("is Amazon's price, else the buy box with shipping, else the lowest new offer, at each time", () => {
    expect(
      past({
        [AMAZON]: [10, 5000, 30, -1, 60, 4800],
        [BUY_BOX]: [20, 4000, 399, 40, -1, -1],
        [NEW]: [10, 3900],
      }),
    ).toEqual([
      [10, '50.00'],
      [30, '43.99'],
      [40, '39.00'],
      [60, '48.00'],
    ])
  })

  test('repeats no price that has not changed, whoever offers it', () => {
    expect(past({ [AMAZON]: [10, 5000, 20, 5000, 30, -1], [NEW]: [10, 4000, 30, 5000, 40, 4900] })).toEqual([
      [10, '50.00'],
      [40, '49.00'],
    ])
  })

  test('has gaps where nothing is offered, and none before the first price', () => {
    expect(past({ [AMAZON]: [5, -1, 10, 5000, 20, -1, 30, -1, 40, 5000] })).toEqual([
      [10, '50.00'],
      [20, null],
      [40, '50.00'],
    ])
  })

  test('begins with what was so at the first time, and ends before the present', () => {
    const series = { [AMAZON]: [10, 5000, 20, 4900, 30, 4800, 40, 4700] }
    expect(past(series, { from: 25, until: 40 })).toEqual([
      [20, '49.00'],
      [30, '48.00'],
    ])
  })

  test('says nothing of times at which no offer was retrieved', () => {
    expect(past({ [AMAZON]: [10, 5000, 20, -2, 30, 4900] })).toEqual([
      [10, '50.00'],
      [30, '49.00'],
    ])
  })

  test('is empty for a product without prices, or without history', () => {
    expect(past({ [AMAZON]: [10, 5000] }, undefined, { productType: 4 })).toEqual([])
    expect(past({}, undefined, { csv: null })).toEqual([])
  })

  test.each([
    [AMAZON, [10, 5000, 20]],
    [AMAZON, [10, '5000']],
    [AMAZON, [20, 5000, 10, 4900]],
    [BUY_BOX, [10, 4000, -1]],
    [NEW, 'a text'],
    [FBA, [10, 5000.5]],
  ])('is unreadable where series %i is %j, and no other series stands in for it', (type, series) => {
    expect(past({ [AMAZON]: [10, 5000], [NEW]: [10, 5100], [type]: series })).toBe('unreadable')
  })

  test('never repeats a price, grows in time, and ends with the present price, whatever the series hold', () => {
    const value = fc.oneof(fc.constantFrom(-1, 0), fc.integer({ min: 1, max: 900_000 }))
    const pairs = fc
      .array(value, { maxLength: 12 })
      .map((values) => values.flatMap((price, index) => [10 + index * 7, price]))
    const triplets = fc
      .array(value, { maxLength: 12 })
      .map((values) => values.flatMap((price, index) => [11 + index * 5, price, price > 0 ? 399 : -1]))
    fc.assert(
      fc.property(pairs, triplets, pairs, pairs, (amazon, buyBox, fba, others) => {
        const csv = csvOf({ [AMAZON]: amazon, [BUY_BOX]: buyBox, [FBA]: fba, [NEW]: others })
        const found = pastPrices({ csv }, marketplace, { from: 0, until: 10_000 })
        if (found === 'unreadable') throw new Error(found)
        const now = decimalOf(currentPrice({ csv })?.minorUnits, marketplace)
        expect(found.at(-1)?.price ?? undefined).toBe(now)
        expect(found.every(({ price }, index) => price !== found[index - 1]?.price)).toBe(true)
        const times = found.map(({ observedAt }) => observedAt)
        expect(times).toEqual([...new Set(times)].toSorted())
      }),
    )
  })
})
