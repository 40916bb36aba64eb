import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { joined, type Line, placeAt, seenPrices } from '../../../console/web/parts/chart/lines.ts'
import { statisticsOf } from '../../../lambdas/core/prices/price-statistics.ts'

const lines = fc
  .uniqueArray(fc.integer({ min: 1, max: 1_000 }), { minLength: 1, maxLength: 30 })
  .chain((times) =>
    fc.record({
      at: fc.constant(times.toSorted((a, b) => a - b)),
      price: fc.array(fc.option(fc.integer({ min: 1, max: 30 }), { freq: 5 }), {
        ...{ minLength: times.length, maxLength: times.length },
      }),
    }),
  )
  .map((line): Line => ({ domain: 'de', currency: 'EUR', ...line }))

const isoOf = (seconds: number) => new Date(seconds * 1_000).toISOString()

test('a chart says of its prices what the command line says of them', () => {
  fc.assert(
    fc.property(lines, fc.integer({ min: 0, max: 1_099 }), (line, from) => {
      const until = 1_100
      const points = line.at.flatMap((at, index) => {
        const price = line.price[index] ?? null
        const isSeen = index >= placeAt(line, from)
        return isSeen ? [{ at: isoOf(at), price: price === null ? null : `${price}.00` }] : []
      })
      const said = statisticsOf(points as Parameters<typeof statisticsOf>[0], from * 1_000, until * 1_000)
      const seen = seenPrices(line, from, until)
      expect(seen && [seen.lowest, seen.highest, seen.median]).toEqual(
        said && [said.lowest.price, said.highest.price, said.median].map(Number),
      )
    }),
  )
})

test('lines side by side keep every price at its time, and last until now', () => {
  const de: Line = { domain: 'de', currency: 'EUR', at: [10, 30], price: [5, null] }
  const com: Line = { domain: 'com', currency: 'USD', at: [20], price: [7] }
  expect(joined([de, com], 40)).toEqual([
    [10, 20, 30, 40],
    [5, undefined, null, null],
    [undefined, 7, undefined, 7],
  ])
})
