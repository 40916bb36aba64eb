import { type Amount, hundredthsOf } from '../money.ts'
import type { HistoryFacts } from './message.ts'
import { type Picture, pngOf } from './png.ts'

/** The picture is drawn at twice the size at which it is shown, for sharp lines on dense screens. */
export const PICTURE_SIZE = { width: 1_120, height: 280 }

// Transparent, and mid-tones that can be seen on white and on black: mails are read in light and in dark.
const PALETTE: Picture['palette'] = [
  [0, 0, 0, 0],
  [128, 134, 142, 96],
  [47, 125, 225, 255],
  [224, 122, 31, 255],
]
const GRID = 1
const PRICE = 2
const TARGET = 3

const LINE_PX = 5
const MARGIN_PX = 12
const DASH_PX = 18

/**
 * A step chart of prices as a PNG, without any text: that belongs to the HTML, where it can be read aloud.
 * @param points oldest first; each holds until the next, the last until `untilMs`
 * @param target drawn as a dashed line
 */
export function pricePicture(points: HistoryFacts['points'], untilMs: number, target: Amount | null): Buffer {
  const { width, height } = PICTURE_SIZE
  const pixels = new Uint8Array(width * height)
  const fill = (colour: number, x: number, y: number, across: number, down: number) => {
    for (let row = Math.max(0, y); row < Math.min(height, y + down); row++) {
      pixels.fill(colour, row * width + Math.max(0, x), row * width + Math.min(width, x + across))
    }
  }
  const prices = points.flatMap(({ price }) => (price === null ? [] : [hundredthsOf(price)]))
  const values = target === null ? prices : [...prices, hundredthsOf(target)]
  const lowest = Math.min(...values)
  const span = Math.max(...values) - lowest
  const fromMs = Date.parse(points[0]?.at ?? '')
  const usable = height - 2 * MARGIN_PX
  const yOf = (price: Amount) =>
    Math.round(MARGIN_PX + usable * (span === 0 ? 0.5 : 1 - (hundredthsOf(price) - lowest) / span))
  const xOf = (ms: number) => Math.round(((width - LINE_PX) * (ms - fromMs)) / Math.max(1, untilMs - fromMs))

  for (const share of [0, 0.5, 1]) fill(GRID, 0, Math.round(MARGIN_PX + usable * share), width, 2)
  if (target !== null) {
    const y = yOf(target)
    for (let x = 0; x < width; x += 2 * DASH_PX) fill(TARGET, x, y - 1, DASH_PX, 4)
  }
  points.forEach(({ at, price }, index) => {
    if (price === null) return
    const next = points[index + 1]
    const [left, right, y] = [xOf(Date.parse(at)), xOf(next ? Date.parse(next.at) : untilMs), yOf(price)]
    fill(PRICE, left, y - Math.floor(LINE_PX / 2), right - left + LINE_PX, LINE_PX)
    if (!next?.price) return
    const [top, bottom] = [y, yOf(next.price)].sort((a, b) => a - b) as [number, number]
    fill(PRICE, right, top - Math.floor(LINE_PX / 2), LINE_PX, bottom - top + LINE_PX)
  })
  return pngOf({ width, height, pixels, palette: PALETTE })
}
