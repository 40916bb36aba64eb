import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { asObject, type JsonObject } from '../../../lambdas/core/keepa/json.ts'
import {
  currentOffer,
  currentPrice,
  currentValue,
  decimalOf,
  discountPercent,
  minorUnitsOf,
} from '../../../lambdas/core/keepa/prices.ts'
import { MARKETPLACES, type Marketplace } from '../../../lambdas/core/marketplaces.ts'
import { readFixture } from './keepa-server.ts'

const marketplace = (domain: string): Marketplace => {
  const found = MARKETPLACES.find((candidate) => candidate.domain === domain)
  if (!found) throw new Error(`No marketplace ${domain}`)
  return found
}

const productOf = (fixture: string, asin: string): JsonObject => {
  const { products } = JSON.parse(readFixture(fixture)) as { products: JsonObject[] }
  const product = asObject(products.find((candidate) => candidate?.asin === asin))
  if (!product) throw new Error(`No ${asin} in ${fixture}`)
  return product
}

/** Whose offer each price series holds. */
const OFFERS: Readonly<Record<number, string>> = { 0: 'amazon', 1: 'new', 10: 'fba', 18: 'buy-box' }

describe('the current price', () => {
  test.each([
    ["is Amazon's own where there is one", 'products-history.json', 'B0AMAZON01', 0, 4999],
    ['is else the buy box, price and shipping together', 'products-history.json', 'B0BUYBOX01', 18, 4599],
    ['is else what a third party asks that Amazon ships', 'products-history.json', 'B0BUYBOX00', 10, 4699],
    [
      'is else the lowest new offer, past what was not retrieved',
      'products-history.json',
      'B0NEWONLY1',
      1,
      4599,
    ],
    [
      'comes from the statistics where there is no history',
      'products-statistics.json',
      'B0STATS001',
      0,
      4999,
    ],
    ['needs no shipping added in the statistics', 'products-statistics.json', 'B0STATS018', 18, 4599],
    ['comes from the statistics where a series is null', 'products-statistics.json', 'B0NULLCSV0', 0, 4999],
  ])('%s', (_outcome, fixture, asin, type, minorUnits) => {
    expect(currentPrice(productOf(fixture, asin))).toEqual({ offer: OFFERS[type], type, minorUnits })
  })

  test.each([
    ['once it is sold out, whatever it cost before', 'products-history.json', 'B0GONE0001'],
    ['in counts, ranks, ratings, list prices and used offers', 'products-history.json', 'B0COUNTS01'],
    ['in zeros', 'products-history.json', 'B0ZERO0001'],
    ['without history and statistics', 'products-statistics.json', 'B0STATSNIL'],
    ['in what was not retrieved', 'products-statistics.json', 'B0NOTASKED'],
  ])('is not found %s', (_outcome, fixture, asin) => {
    expect(currentPrice(productOf(fixture, asin))).toBeUndefined()
  })

  test.each([
    [0, 4999],
    [1, 4999],
    [2, undefined],
    [3, undefined],
    [4, undefined],
    [5, undefined],
  ])('of product type %i is %p', (type, minorUnits) => {
    expect(currentPrice(productOf('products-types.json', `B0TYPE000${type}`))?.minorUnits).toBe(minorUnits)
  })

  test.each([
    ['a triplet whose shipping is unknown', { csv: at(18, [1, 4200, -1]) }],
    ['shipping alone', { csv: at(18, [1, -1, 399]) }],
    ['a history that is no list of pairs', { csv: at(0, [1, 4999, 2]) }],
    ['a history that is no list of triplets', { csv: at(18, [1, 4999]) }],
    ['a fraction', { csv: at(0, [1, 49.99]) }],
    ['a text', { csv: at(0, [1, '4999']) }],
    ['a number beyond exact integers', { csv: at(0, [1, 2 ** 60]) }],
    ['statistics that are no list', { stats: { current: 4999 } }],
    ['no field at all', {}],
  ])('is not found in %s', (_what, product) => {
    expect(currentPrice(product)).toBeUndefined()
  })

  test.each([
    ['a history that is no list of pairs', 0, [1, 4999, 2]],
    ['a text', 0, [1, '4999']],
    ['a fraction', 0, [1, 49.99]],
    ['a value below every code of Keepa', 0, [1, -3]],
    ['a malformed entry in the middle', 0, [1, 4999, 2, null, 3, 4999]],
    ['times out of order', 0, [2, 4999, 1, -1]],
    ['no list', 0, { 1: 4999 }],
    ['a buy box without shipping', 18, [1, 4200]],
    ['a buy box with unknown shipping', 18, [1, 4200, -1]],
  ])('is not replaced by another offer where the better one is %s', (_what, type, series) => {
    const csv: unknown[] = at(type, series as unknown[])
    csv[1] = [1, 5100]
    expect(currentOffer({ csv })).toBe('unreadable')
    expect(currentOffer({ csv: null, stats: { current: ['49.99', 5100] } })).toBe('unreadable')
  })

  test.each([
    ['none where Keepa says so of Amazon and of every new offer', [-1, -1], 'none'],
    ['none where the others were not asked for', [-1, -1, ...Array(8).fill(-1), -2], 'none'],
    ["unknown where Amazon's was not retrieved", [-2, -1], 'unknown'],
    ['unknown where the new offers are not in the answer', [-1], 'unknown'],
  ])('is %s', (_what, current, offer) => {
    expect(currentOffer({ csv: null, stats: { current } })).toBe(offer)
  })

  test('is never anything but a value of the four price series, whatever the series hold', () => {
    const value = fc.oneof(fc.constantFrom(-2, -1, 0), fc.integer({ min: 1, max: 1_000_000 }))
    const series = (type: number) =>
      fc
        .array(value, { minLength: 2, maxLength: 2 })
        .map((ends) => ([7, 18, 32].includes(type) ? [1, ...ends] : [1, ends[0]]))
    fc.assert(
      fc.property(fc.tuple(...Array.from({ length: 36 }, (_, type) => fc.option(series(type)))), (csv) => {
        const price = currentPrice({ csv })
        const totals = [0, 18, 10, 1].map((type) => {
          const [, first = -1, shipping = 0] = csv[type] ?? []
          if (first > 0 && shipping < 0) return 'unreadable'
          return first > 0 ? { offer: OFFERS[type], type, minorUnits: first + shipping } : undefined
        })
        const best = totals.find((total) => total !== undefined)
        expect(price).toEqual(best === 'unreadable' ? undefined : best)
      }),
    )
  })
})

test('a count of zero is a count, not an absence', () => {
  expect(currentValue({ csv: at(17, [1, 0]) }, 17)).toBe(0)
})

describe('a decimal', () => {
  test.each([
    [4999, 'de', '49.99'],
    [5, 'de', '0.05'],
    [50, 'com', '0.50'],
    [100, 'co.uk', '1.00'],
    [4999, 'co.jp', '4999.00'],
    [Number.MAX_SAFE_INTEGER, 'de', '90071992547409.91'],
  ])('of %i minor units in %s is %s', (minorUnits, domain, decimal) => {
    expect(decimalOf(minorUnits, marketplace(domain))).toBe(decimal)
  })

  test.each([0, -1, -2, 49.99, Number.NaN, Number.POSITIVE_INFINITY, undefined])('is none of %p', (value) => {
    expect(decimalOf(value, marketplace('de'))).toBeUndefined()
  })

  test('comes back to the same minor units in every marketplace', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 999_999_999_999 }),
        fc.constantFrom(...MARKETPLACES),
        (minorUnits, place) => {
          expect(minorUnitsOf(decimalOf(minorUnits, place) ?? '', place)).toBe(minorUnits)
        },
      ),
    )
  })

  test.each(['', 'abc', '-1', '1,50', '1e3', '.5', '1.'])('%p is not read as a price', (text) => {
    expect(minorUnitsOf(text, marketplace('de'))).toBeUndefined()
  })
})

test.each([
  [3999, 5999, 33.3],
  [2999, 4500, 33.4],
  [9995, 10_000, 0.1],
  [9996, 10_000, 0],
  [5999, 5999, 0],
  [6000, 4000, -50],
  [1, 1_000_000, 100],
])('a price of %i against %i is %d %% off', (minorUnits, original, percent) => {
  expect(discountPercent(minorUnits, original)).toBe(percent)
})

function at(type: number, series: unknown): unknown[] {
  const csv = new Array<unknown>(36).fill(null)
  csv[type] = series
  return csv
}
