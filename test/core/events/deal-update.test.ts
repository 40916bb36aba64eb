import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { parseDealUpdate, serializeDealUpdate } from '../../../lambdas/core/events/deal-update.ts'

const golden = JSON.parse(readFileSync(new URL('../../events/deal-update.json', import.meta.url), 'utf8'))

const parse = (changes: Record<string, unknown>) => parseDealUpdate(JSON.stringify({ ...golden, ...changes }))
const event = (changes: Record<string, unknown> = {}) => {
  const parsed = parse(changes)
  if ('rejection' in parsed) throw new Error(parsed.rejection.detail)
  return parsed.event
}

test("a deal of the contract's sample is serialized as its message", () => {
  const message = serializeDealUpdate({
    asin: 'B07W6JN8V8',
    title: 'Logitech K380 Multi-Device QWERTZ',
    currentPrice: '49.99',
    originalPrice: '59.99',
    discountPercent: 33.4,
    rating: 4.5,
    reviewCount: 1847,
    salesRank: 1200,
    domain: 'de',
    timestamp: '2026-02-20T12:30:00',
  })
  expect(JSON.parse(message)).toEqual(golden)
  expect(Object.keys(JSON.parse(message))).toEqual(Object.keys(golden))
})

test("the contract's sample is read whole, with the currency of its domain", () => {
  expect(event()).toEqual({
    asin: 'B07W6JN8V8',
    domain: 'de',
    currency: 'EUR',
    title: 'Logitech K380 Multi-Device QWERTZ',
    currentPrice: '49.99',
    originalPrice: '59.99',
    discountPercent: 33.4,
    rating: 4.5,
    reviewCount: 1847,
    salesRank: 1200,
    time: { text: '2026-02-20T12:30:00Z', micros: Date.UTC(2026, 1, 20, 12, 30) * 1000 },
  })
})

describe('nullable fields', () => {
  test('are null where they are missing or null', () => {
    const { original_price, rating, review_count, sales_rank, ...bare } = golden
    const parsed = parseDealUpdate(JSON.stringify({ ...bare, review_count: null }))
    expect(parsed).toMatchObject({
      event: { originalPrice: null, rating: null, reviewCount: null, salesRank: null },
    })
  })

  test.each([
    ['original_price', '59.99', 'bad_original_price'],
    ['original_price', -7, 'bad_original_price'],
    ['rating', 45, 'bad_rating'],
    ['rating', '4.5', 'bad_rating'],
    ['review_count', 1.5, 'bad_review_count'],
    ['review_count', -1, 'bad_review_count'],
    ['sales_rank', 3e9, 'bad_sales_rank'],
  ])('%s of %p is rejected as %s', (field, value, reason) => {
    expect(parse({ [field]: value })).toMatchObject({ rejection: { reason } })
  })
})

test.each([33.4, 0, -12.5, 99.999])('discount_percent %p is taken as sent', (discount_percent) => {
  expect(event({ discount_percent }).discountPercent).toBe(discount_percent)
})

test.each(['33.4', null, 1e9, undefined, {}])(
  'discount_percent %p is never a reason to reject',
  (discount_percent) => {
    expect(event({ discount_percent }).discountPercent).toBeNull()
  },
)

test('a price event on the deal topic is rejected as wrong_type', () => {
  expect(parse({ event_type: 'price_update' })).toMatchObject({ rejection: { reason: 'wrong_type' } })
})
