import { describe, expect, test } from '@jest/globals'
import { dealOfProduct, dealSelection } from '../../../lambdas/core/keepa/deals.ts'
import type { Product } from '../../../lambdas/core/keepa/products.ts'
import { MARKETPLACES } from '../../../lambdas/core/marketplaces.ts'

const product: Product = {
  asin: 'B07W6JN8V8',
  title: 'Logitech K380 Multi-Device QWERTZ',
  price: '39.99',
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
}

describe('a product as a deal', () => {
  test('is measured against its mean of 90 days', () => {
    expect(dealOfProduct(product, 'de')).toEqual({
      asin: 'B07W6JN8V8',
      title: 'Logitech K380 Multi-Device QWERTZ',
      price: '39.99',
      originalPrice: '59.99',
      discountPercent: 33.3,
      rating: 4.5,
      reviewCount: 1847,
      salesRank: 1200,
      observedAt: '2026-02-20T12:30:00Z',
    })
  })

  test.each(['39.99', '35.00', undefined])(
    'is measured against the list price where the mean is %p',
    (mean) => {
      const deal = dealOfProduct({ ...product, averagePrice90: mean }, 'de')
      expect(deal).toMatchObject({ originalPrice: '69.99', discountPercent: 42.9 })
    },
  )

  test.each([
    ['no price', { price: undefined }],
    ['an offer that is not Amazon’s', { offer: 'new' as const }],
    ['neither mean nor list price', { averagePrice90: undefined, listPrice: undefined }],
    ['a price as high as both', { price: '69.99' }],
  ])('is none with %s', (_what, change) => {
    expect(dealOfProduct({ ...product, ...change }, 'de')).toBeUndefined()
  })

  test('is reckoned in yen as exactly as in cents', () => {
    const inYen = { ...product, price: '4999.00', averagePrice90: '7500.00' }
    expect(dealOfProduct(inYen, 'co.jp')).toMatchObject({ originalPrice: '7500.00', discountPercent: 33.3 })
  })
})

describe('a deal selection', () => {
  const select = (filter: object, domain = 'de') => {
    const marketplace = MARKETPLACES.find((candidate) => candidate.domain === domain)
    if (!marketplace) throw new Error(domain)
    return dealSelection(filter, marketplace, 2)
  }

  test('asks for one price type of one marketplace, from the least discount that Keepa knows', () => {
    expect(select({})).toMatchObject({
      page: 2,
      domainId: 3,
      priceTypes: [0],
      dateRange: 0,
      deltaPercentRange: [10, 100],
      minRating: -1,
      isRangeEnabled: true,
      isFilterEnabled: true,
    })
  })

  test("writes filters in Keepa's units: whole percent, minor units, tenths of stars", () => {
    const filter = {
      minDiscountPercent: 33.4,
      maxPrice: '49.9',
      minRating: 4.5,
      titleSearch: 'logitech k380',
    }
    expect(select(filter)).toMatchObject({
      deltaPercentRange: [34, 100],
      currentRange: [1, 4990],
      minRating: 45,
      titleSearch: 'logitech k380',
    })
    expect(select({ maxPrice: '5000.00' }, 'co.jp')).toMatchObject({ currentRange: [1, 5000] })
  })

  test('refuses a price limit that is no decimal', () => {
    expect(() => select({ maxPrice: 'cheap' })).toThrow(expect.objectContaining({ code: 'keepa_rejected' }))
  })
})
