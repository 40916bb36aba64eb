import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { parsePriceUpdate, serializePriceUpdate } from '../../../lambdas/core/events/price-update.ts'

const golden = JSON.parse(readFileSync(new URL('../../events/price-update.json', import.meta.url), 'utf8'))

const parse = (value: unknown) => parsePriceUpdate(typeof value === 'string' ? value : JSON.stringify(value))
const rejection = (value: unknown) => {
  const parsed = parse(value)
  return 'rejection' in parsed ? parsed.rejection : undefined
}
const event = (changes: Record<string, unknown> = {}) => {
  const parsed = parse({ ...golden, ...changes })
  if ('rejection' in parsed) throw new Error(parsed.rejection.detail)
  return parsed.event
}

describe('the contract', () => {
  test("a price of the contract's sample is serialized as its message", () => {
    const message = serializePriceUpdate({
      asin: 'B07W6JN8V8',
      title: 'Logitech K380 Multi-Device QWERTZ',
      currentPrice: '49.99',
      targetPrice: '45.00',
      previousPrice: '59.99',
      domain: 'de',
      currency: 'EUR',
      timestamp: '2026-02-20T12:30:00',
      history: true,
    })
    expect(JSON.parse(message)).toEqual(golden)
    expect(Object.keys(JSON.parse(message))).toEqual(Object.keys(golden))
  })

  test("the contract's sample is read whole", () => {
    expect(event()).toEqual({
      asin: 'B07W6JN8V8',
      domain: 'de',
      currency: 'EUR',
      title: 'Logitech K380 Multi-Device QWERTZ',
      currentPrice: '49.99',
      time: { text: '2026-02-20T12:30:00Z', micros: Date.UTC(2026, 1, 20, 12, 30) * 1000 },
      isGap: false,
      isHistory: true,
    })
  })

  test('a price without a target or a previous price has them as null', () => {
    const message = serializePriceUpdate({ ...priced, targetPrice: null, previousPrice: null })
    expect(JSON.parse(message)).toMatchObject({ target_price: null, previous_price: null, price_change: 0 })
  })

  test('a price of 0 is not serialized', () => {
    expect(() => serializePriceUpdate({ ...priced, currentPrice: '0.00' })).toThrow(
      'B07W6JN8V8 has the price 0.00',
    )
  })

  test('an event of what is no longer offered has a price of null, and no mark where it is news', () => {
    const message = JSON.parse(
      serializePriceUpdate({ ...priced, previousPrice: '59.99', currentPrice: null }),
    )
    expect(message).toMatchObject({ current_price: null, previous_price: 59.99, price_change: 0 })
    expect(message).not.toHaveProperty('history')
    expect(event({ ...message, history: undefined })).toMatchObject({ isGap: true, isHistory: false })
  })

  test.each([0, -1, -2])('a price of %p is unknown, and no gap', (current_price) => {
    expect(event({ current_price })).toMatchObject({ currentPrice: null, isGap: false })
  })
})

const priced = {
  asin: 'B07W6JN8V8',
  title: '',
  currentPrice: '49.99',
  targetPrice: null,
  previousPrice: null,
  domain: 'de',
  currency: 'EUR',
  timestamp: '2026-02-20T12:30:00',
}

describe('values that are not an event', () => {
  test.each([
    ['{"asin":', 'invalid_json'],
    ['', 'invalid_json'],
    ['not json', 'invalid_json'],
    ['{"current_price": NaN}', 'non_finite'],
    ['{"current_price":-Infinity}', 'non_finite'],
    ['{"product_title": "a NaN: NaN", "current_price": Infinity}', 'non_finite'],
    ['{"product_title": "rated NaN", "current_price": }', 'invalid_json'],
    ['null', 'not_an_object'],
    ['[]', 'not_an_object'],
    ['42', 'not_an_object'],
    ['"text"', 'not_an_object'],
  ])('%p is rejected as %s', (value, reason) => {
    expect(rejection(value)?.reason).toBe(reason)
  })

  test.each(['deal_update', 'price', undefined, null, 1])(
    'event_type %p is rejected as wrong_type',
    (event_type) => {
      expect(rejection({ ...golden, event_type })?.reason).toBe('wrong_type')
    },
  )
})

describe('fields', () => {
  test.each([undefined, null, 7, '', 'B07W6JN8V', 'B07W6JN8V88', 'B07W6-N8V8', 'B07W6JN8Vß'])(
    'asin %p is rejected with a reason that names it',
    (asin) => {
      const rejected = rejection({ ...golden, asin })
      expect(rejected?.reason).toBe('bad_asin')
      expect(rejected?.detail).toMatch(/^asin is /)
    },
  )

  test('an ASIN in lower case or between blanks is taken', () => {
    expect(event({ asin: ' b07w6jn8v8 ' }).asin).toBe('B07W6JN8V8')
  })

  test.each(['uk', 'amazon.de', '', null, undefined, 3])('domain %p is rejected', (domain) => {
    expect(rejection({ ...golden, domain })?.reason).toBe('bad_domain')
  })

  test('a currency that contradicts the domain is rejected, a missing one follows from it', () => {
    expect(rejection({ ...golden, currency: 'USD' })).toEqual({
      reason: 'currency_mismatch',
      detail: 'currency is "USD", but prices of domain de are in EUR',
    })
    expect(event({ currency: undefined, domain: 'co.uk' }).currency).toBe('GBP')
  })

  test.each([null, 0, -0, -1, -2])('current_price %p means that there is no price', (current_price) => {
    expect(event({ current_price }).currentPrice).toBeNull()
  })

  test.each(['49.99', 'abc', '', undefined, true, [49.99], -3, -0.5, 1e-7, -1e-7, 49.999, 1e12])(
    'current_price %p is rejected',
    (current_price) => {
      expect(rejection({ ...golden, current_price })?.reason).toBe('bad_current_price')
    },
  )

  test.each([null, 0, -1, 'nonsense', undefined])(
    'target_price %p is no reason to reject',
    (target_price) => {
      expect(event({ target_price }).currentPrice).toBe('49.99')
    },
  )

  test('fields that nobody knows are ignored', () => {
    expect(event({ seller: 'x', nested: { deep: [1] } }).asin).toBe('B07W6JN8V8')
  })

  test.each([undefined, null, 1771590600, '', 'yesterday'])(
    'timestamp %p is left to the record',
    (timestamp) => {
      expect(event({ timestamp }).time).toBeUndefined()
    },
  )
})

describe('titles', () => {
  test('a huge title is cut to 500 code points without splitting one', () => {
    const title = event({ product_title: `${'a'.repeat(499)}${'😀'.repeat(300_000)}` }).title
    expect([...title]).toHaveLength(500)
    expect(title.endsWith('a😀')).toBe(true)
    expect(title.isWellFormed()).toBe(true)
  })

  test('NUL characters are stripped', () => {
    expect(event({ product_title: 'a\u0000b' }).title).toBe('ab')
  })

  test('a lone surrogate becomes a replacement character', () => {
    const value = JSON.stringify(golden).replace('Logitech', '\\ud83d')
    const parsed = parse(value)
    expect('event' in parsed && parsed.event.title.startsWith('\ufffd ')).toBe(true)
  })

  test.each(['<b>50 %</b> & more', 'مرحبا', '日本語', '👩‍👩‍👧'])('%p is kept as it is', (product_title) => {
    expect(event({ product_title }).title).toBe(product_title)
  })

  test('a missing title is empty, one of another type is rejected', () => {
    expect(event({ product_title: null }).title).toBe('')
    expect(rejection({ ...golden, product_title: 5 })?.reason).toBe('bad_product_title')
  })
})
