import { inflateSync } from 'node:zlib'
import { expect, test } from '@jest/globals'
import { PICTURE_SIZE, pricePicture } from '../../../lambdas/core/mail/price-picture.ts'

const { width, height } = PICTURE_SIZE
const at = (day: number) => new Date(Date.UTC(2026, 0, day)).toISOString()
const END_MS = Date.UTC(2026, 0, 11)

/** The colours of a PNG of ours, by an own reading of its chunks: https://www.w3.org/TR/png-3/#5Chunk-layout */
function pixelsOf(png: Buffer): (x: number, y: number) => number | undefined {
  let data = Buffer.alloc(0)
  for (let place = 8; place < png.length; ) {
    const size = png.readUInt32BE(place)
    const type = png.toString('ascii', place + 4, place + 8)
    if (type === 'IDAT') data = Buffer.concat([data, png.subarray(place + 8, place + 8 + size)])
    place += size + 12
  }
  const rows = inflateSync(data)
  return (x, y) => rows[y * (width + 1) + 1 + x]
}

/** Rows of a column that show the price. */
const priceRows = (png: Buffer, x: number) => {
  const pixel = pixelsOf(png)
  return Array.from({ length: height }, (_, y) => y).filter((y) => pixel(x, y) === 2)
}

test('prices are steps from the oldest, left, to now, right; the highest on top', () => {
  const points = [
    { at: at(1), price: '20.00' },
    { at: at(6), price: '10.00' },
  ]
  const png = pricePicture(points, END_MS, null)
  const [left, right] = [priceRows(png, width * 0.25), priceRows(png, width * 0.75)]
  expect(Math.max(...left)).toBeLessThan(20)
  expect(Math.min(...right)).toBeGreaterThan(height - 20)
  expect(priceRows(png, Math.round(width / 2) - 1).length).toBeGreaterThan(height - 40)
})

test('nothing is drawn where nothing was offered', () => {
  const points = [
    { at: at(1), price: '20.00' },
    { at: at(4), price: null },
    { at: at(8), price: '10.00' },
  ]
  const png = pricePicture(points, END_MS, null)
  expect(priceRows(png, width * 0.2)).not.toEqual([])
  expect(priceRows(png, width * 0.5)).toEqual([])
  expect(priceRows(png, width * 0.9)).not.toEqual([])
})

test('the target is a dashed line, in view even far below the prices', () => {
  const points = [
    { at: at(1), price: '20.00' },
    { at: at(6), price: '19.00' },
  ]
  const pixel = pixelsOf(pricePicture(points, END_MS, '1.00'))
  const row = Array.from({ length: width }, (_, x) => pixel(x, height - 12))
  expect(row.filter((colour) => colour === 3).length).toBeGreaterThan(width * 0.4)
  expect(row.filter((colour) => colour !== 3).length).toBeGreaterThan(width * 0.4)
})

test('one price for all the time is a line through the middle', () => {
  const points = [{ at: at(1), price: '20.00' }]
  const [top] = priceRows(pricePicture(points, END_MS, null), 10)
  expect(Math.abs((top ?? 0) - height / 2)).toBeLessThan(10)
})
