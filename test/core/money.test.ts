import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  amountOfHundredths,
  amountOfNumber,
  hundredthsOf,
  MAX_HUNDREDTHS,
  numberOfAmount,
  priceChangePercent,
} from '../../lambdas/core/money.ts'

describe('amountOfNumber', () => {
  test.each([
    [49.99, '49.99'],
    [45, '45.00'],
    [0.1, '0.10'],
    [0, '0.00'],
    [4999, '4999.00'],
    [9999999999.99, '9999999999.99'],
    [10 + 115 / 100, '11.15'],
    [0.1 + 0.2, '0.30'],
    [1.1 * 1.1, '1.21'],
  ])('takes %p as %p', (value, amount) => {
    expect(amountOfNumber(value)).toBe(amount)
  })

  test.each([
    49.999,
    49.9901,
    0.001,
    1e-7,
    5e-324,
    -1e-7,
    -1,
    -0.01,
    1e10,
    1e12,
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ])('has no amount for %p', (value) => {
    expect(amountOfNumber(value)).toBeUndefined()
  })

  test('keeps every amount that numeric(12,2) holds, through JSON and back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MAX_HUNDREDTHS }), (hundredths) => {
        const amount = amountOfHundredths(hundredths)
        const throughJson = JSON.parse(JSON.stringify(numberOfAmount(amount))) as number
        expect(amountOfNumber(throughJson)).toBe(amount)
        expect(hundredthsOf(amount)).toBe(hundredths)
      }),
    )
  })
})

describe('priceChangePercent', () => {
  test.each([
    ['59.99', '49.99', 16.67],
    ['49.99', '59.99', -20],
    ['50.00', '50.00', 0],
    [null, '49.99', 0],
    ['0.00', '49.99', 0],
    ['3.00', '2.00', 33.33],
    ['3.00', '1.00', 66.67],
    // Half of the last place: 0.005 % rounds away from zero, in both directions.
    ['200.00', '199.99', 0.01],
    ['200.00', '200.01', -0.01],
    ['9999999999.99', '0.01', 100],
  ])('from %p to %p is %p', (previous, current, percent) => {
    expect(priceChangePercent(previous, current)).toBe(percent)
  })
})
