import uPlot from 'uplot'
import { money } from '../money.ts'
import { absolute } from '../time.tsx'
import { type Line, placeAt } from './lines.ts'
import { type RangeWish, rangeOf } from './price-range.ts'
import { stepPath } from './step-path.ts'
import { timeLabels } from './time-axis.ts'

export const HEIGHT_PX = 340

/** A stretch of prices that is filled. */
export interface Band {
  readonly currency: string
  readonly low: number
  readonly high: number
}

/** What is asked for while it is drawn: the newest answer counts. */
export interface Drawn {
  readonly lines: readonly Line[]
  readonly wish: RangeWish
  /** Between the lowest and the median price, in the currency of the first line. */
  readonly band: Band | null
}

/** What happens in a chart, and what it asks for. */
export interface ChartEvents {
  readonly drawn: () => Drawn
  readonly onDraw: () => void
  /** The pointer is at a time; null where it left. */
  readonly onCursor: (at: number | null) => void
  /** It was dragged across a stretch of time. */
  readonly onStretch: (plot: uPlot, from: number, until: number) => void
}

/** The colours that lines get in turn, as the style sheet names them. */
export const COLOURS = ['--accent', '--line-3', '--line-4', '--line-5', '--line-2'] as const

export const colourOf = (index: number): string => COLOURS[index % COLOURS.length] ?? '--accent'

/** A chart of lines: an axis for each currency, steps from price to price. */
export function optionsOf(
  element: HTMLElement,
  lines: readonly Line[],
  utc: boolean,
  { drawn, onDraw, onCursor, onStretch }: ChartEvents,
): uPlot.Options {
  const colour = coloursOf(element)
  const axis = {
    stroke: colour('--soft'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  }
  const labels = timeLabels(utc)
  const currencies = [...new Set(lines.map(({ currency }) => currency))]
  const scale = (currency: string): uPlot.Scale => ({
    range: (plot) => rangeOf(plot, currency, drawn().wish),
  })
  return {
    width: element.clientWidth,
    height: HEIGHT_PX,
    ...(utc && { tzDate: (seconds: number) => uPlot.tzDate(new Date(seconds * 1_000), 'Etc/UTC') }),
    scales: Object.fromEntries(currencies.map((currency) => [currency, scale(currency)])),
    axes: [
      { ...axis, space: 64, values: (_, splits, __, ___, step) => labels(splits, step) },
      ...currencies.map((currency, index) => ({
        ...axis,
        ...{ scale: currency, side: index === 0 ? (3 as const) : (1 as const), size: 76 },
        grid: { ...axis.grid, show: index === 0 },
        values: (_: uPlot, values: number[]) => values.map((value) => money(value, currency)),
      })),
    ],
    series: [
      {},
      ...lines.map(({ domain, currency }, index) => ({
        ...{
          label: domain,
          scale: currency,
          stroke: colour(colourOf(index)),
          width: index === 0 ? 1.75 : 1.25,
        },
        ...{ paths: stepPath, points: { show: false } },
      })),
    ],
    legend: { show: false },
    cursor: {
      ...{ y: false, points: { show: false } },
      drag: { x: true, y: false, setScale: false },
      // Dragging moves through time; with Shift it is uPlot's own, which zooms.
      bind: {
        mousedown: (_, __, handler) => (event) => (event.shiftKey ? handler(event) : null),
        dblclick: () => () => null,
      },
    },
    hooks: {
      setSelect: [
        (plot) => {
          const { left, width } = plot.select
          if (width === 0) return
          onStretch(plot, plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x'))
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
        },
      ],
      drawClear: [(plot) => drawBand(plot, drawn().band, colour('--target'))],
      draw: [onDraw],
      setCursor: [
        (plot) =>
          onCursor(
            plot.cursor.left == null || plot.cursor.left < 0 ? null : plot.posToVal(plot.cursor.left, 'x'),
          ),
      ],
    },
  }
}

/** The colours of the style sheet as a canvas takes them: `light-dark()` resolved. */
function coloursOf(element: HTMLElement): (name: string) => string {
  const probe = element.appendChild(document.createElement('i'))
  const colours = new Map<string, string>()
  for (const name of ['--soft', '--line', '--target', ...COLOURS]) {
    probe.style.color = `var(${name})`
    colours.set(name, getComputedStyle(probe).color)
  }
  probe.remove()
  return (name) => colours.get(name) ?? 'gray'
}

/** Fills from the lowest to the median price, and draws both. */
function drawBand({ ctx, bbox, valToPos }: uPlot, band: Band | null, colour: string): void {
  if (!band) return
  const inside = (price: number) =>
    Math.max(bbox.top, Math.min(bbox.top + bbox.height, valToPos(price, band.currency, true)))
  const [top, bottom] = [inside(band.high), inside(band.low)]
  ctx.save()
  ctx.fillStyle = colour
  ctx.globalAlpha = 0.1
  ctx.fillRect(bbox.left, top, bbox.width, bottom - top)
  ctx.globalAlpha = 0.5
  for (const y of [top, bottom]) ctx.fillRect(bbox.left, Math.round(y), bbox.width, devicePixelRatio)
  ctx.restore()
}

/** What each line says at a time, in words. */
export function readOut(lines: readonly Line[], at: number, utc: boolean): string {
  const prices = lines.map((line) => {
    const price = line.price[placeAt(line, at)]
    const said =
      price === undefined ? 'not seen yet' : price === null ? 'not offered' : money(price, line.currency)
    return lines.length === 1 ? said : `${line.domain} ${said}`
  })
  return `${absolute(at * 1_000, utc)}: ${prices.join(', ')}`
}
