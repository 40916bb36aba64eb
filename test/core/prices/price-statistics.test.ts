import { expect, test } from '@jest/globals'
import { statisticsOf } from '../../../lambdas/core/prices/price-statistics.ts'

const at = (day: number) => new Date(Date.UTC(2026, 0, day)).toISOString()
const ms = (day: number) => Date.UTC(2026, 0, day)

test('weighs the median by time, with the price in force at the beginning', () => {
  const points = [
    { at: at(-50), price: '10.00' },
    { at: at(-10), price: '70.00' },
    { at: at(11), price: '50.00' },
    { at: at(12), price: '40.00' },
    { at: at(13), price: '60.00' },
  ]
  expect(statisticsOf(points, ms(1), ms(31))).toEqual({
    now: { at: at(13), price: '60.00' },
    lowest: { at: at(12), price: '40.00' },
    highest: { at: at(-10), price: '70.00' },
    median: '60.00',
  })
})

test('compares amounts as numbers, and names the first time of equal prices', () => {
  const points = [
    { at: at(2), price: '9.00' },
    { at: at(3), price: '100.00' },
    { at: at(4), price: '9.00' },
    { at: at(5), price: '100.00' },
  ]
  expect(statisticsOf(points, ms(1), ms(31))).toMatchObject({
    lowest: { at: at(2), price: '9.00' },
    highest: { at: at(3), price: '100.00' },
  })
})

test('is null where no price was known', () => {
  expect([statisticsOf([], 0, 1), statisticsOf([{ at: at(31), price: '1.00' }], ms(1), ms(30))]).toEqual([
    null,
    null,
  ])
})
