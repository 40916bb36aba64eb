import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { amountOfHundredths } from '../../../lambdas/core/money.ts'
import { readAmount, readTarget } from '../../../lambdas/operator/postgres/amounts.ts'

test.each([
  ['45', '45.00'],
  [' 45.5 ', '45.50'],
  ['44,99', '44.99'],
  ['007', '7.00'],
  ['1.234,56', '1234.56'],
  ['1,234.56', '1234.56'],
  ['1.234.567,8', '1234567.80'],
  ["1'234.50", '1234.50'],
  ['12 345,60', '12345.60'],
])('reads %p as %p', (text, amount) => {
  expect(readAmount(text)).toBe(amount)
})

test.each([
  '1.234',
  '1,234',
  '45.999',
  '-5',
  '45 EUR',
  '1.23.45',
  '',
  '4e2',
  '12345678901',
  'NaN',
  '1,234,56',
])('refuses %p instead of guessing', (text) => {
  expect(() => readAmount(text)).toThrow(expect.objectContaining({ code: 'bad_amount' }))
})

test('reads back every amount, with a point or a comma', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999_999_999_999 }), (hundredths) => {
      const amount = amountOfHundredths(hundredths)
      expect([readAmount(amount), readAmount(amount.replace('.', ','))]).toEqual([amount, amount])
    }),
  )
})

test('takes 0, nothing and an empty cell for no target', () => {
  expect([readTarget('0'), readTarget('0,00'), readTarget(undefined), readTarget(' ')]).toEqual([
    null,
    null,
    null,
    null,
  ])
})
