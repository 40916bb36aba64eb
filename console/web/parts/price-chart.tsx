import 'uplot/dist/uPlot.min.css'
import { useEffect, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import { absolute, isUtc } from './time.tsx'

/** A price from its time on; null from when nothing was offered. */
export interface ChartPoint {
  readonly atMs: number
  readonly price: number | null
}

export interface PriceChartProps {
  /** Oldest first. */
  readonly points: readonly ChartPoint[]
  readonly untilMs: number
  readonly fromMs: number
  readonly alerts: readonly { readonly atMs: number; readonly price: number }[]
  readonly target: number | null
  /** A line each, named. */
  readonly marks: readonly { readonly name: string; readonly price: number }[]
  /** Whether the highest and lowest 2 % of time are left out of sight. */
  readonly isCut: boolean
  readonly format: (price: number) => string
  /** What the chart shows, in a sentence. */
  readonly label: string
  /** The target was dragged there. */
  readonly onTarget?: (price: number) => void
}

const HEIGHT_PX = 340
const GRAB_PX = 8
const CUT = 0.02

/** A step chart of prices: drag across to zoom, drag the target line to move it, arrow keys to read it price by price. */
export default function PriceChart(props: PriceChartProps) {
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<uPlot>(null)
  const latest = useRef(props)
  latest.current = props
  const [said, setSaid] = useState('')
  const utc = isUtc.value
  useEffect(() => {
    const element = place.current
    if (!element) return
    const made = new uPlot(optionsOf(element, latest, utc), dataOf(props), element)
    chart.current = made
    const sizes = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT_PX }))
    sizes.observe(element)
    const release = dragTarget(made, latest)
    return () => {
      sizes.disconnect()
      release()
      made.destroy()
    }
  }, [props.points, props.untilMs, utc])
  useEffect(() => {
    chart.current?.setScale('x', { min: props.fromMs / 1_000, max: props.untilMs / 1_000 })
  }, [props.fromMs, props.untilMs, props.isCut, props.points])
  useEffect(() => chart.current?.redraw(false), [props.target, props.alerts, props.marks])

  const onKeyDown = (event: KeyboardEvent) => {
    const made = chart.current
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (!made || step === undefined) return
    event.preventDefault()
    const [times = []] = made.data
    const index = Math.max(0, Math.min(times.length - 1, (made.cursor.idx ?? times.length) + step))
    const [atMs, price] = [(times[index] ?? 0) * 1_000, made.data[1]?.[index] ?? null]
    made.setCursor({ left: made.valToPos(atMs / 1_000, 'x'), top: 0 })
    setSaid(`${absolute(atMs, utc)}: ${price === null ? 'not offered' : props.format(price)}`)
  }
  return (
    <div class="chart" role="img" aria-label={props.label} tabindex={0} onKeyDown={onKeyDown}>
      <div ref={place} />
      <output aria-live="polite" class="unseen">
        {said}
      </output>
    </div>
  )
}

/** Each price holds until the next, the last one until now. Of several at one time the last is in force. */
function dataOf({ points, untilMs }: PriceChartProps): uPlot.AlignedData {
  const times: number[] = []
  const prices: (number | null)[] = []
  for (const { atMs, price } of points) {
    if (times.at(-1) === atMs / 1_000) prices[prices.length - 1] = price
    else {
      times.push(atMs / 1_000)
      prices.push(price)
    }
  }
  if ((times.at(-1) ?? 0) < untilMs / 1_000) {
    times.push(untilMs / 1_000)
    prices.push(prices.at(-1) ?? null)
  }
  return [times, prices]
}

type Latest = { readonly current: PriceChartProps }

function optionsOf(element: HTMLElement, latest: Latest, utc: boolean): uPlot.Options {
  const colour = coloursOf(element)
  const axis = {
    stroke: colour('--soft'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  }
  return {
    width: element.clientWidth,
    height: HEIGHT_PX,
    ...(utc && { tzDate: (seconds: number) => uPlot.tzDate(new Date(seconds * 1_000), 'Etc/UTC') }),
    scales: { y: { range: (plot) => rangeOf(plot, latest.current) } },
    axes: [axis, { ...axis, size: 76, values: (_, values) => values.map(latest.current.format) }],
    series: [
      { value: (_, seconds) => (seconds === null ? '' : absolute(seconds * 1_000, utc)) },
      {
        label: 'Price',
        stroke: colour('--accent'),
        width: 1.5,
        paths: uPlot.paths.stepped?.({ align: 1 }),
        points: { show: false },
        value: (_, price) => (price === null ? 'not offered' : latest.current.format(price)),
      },
    ],
    legend: { live: true },
    cursor: { drag: { x: true, y: false } },
    hooks: {
      draw: [(plot) => drawMarks(plot, latest.current, colour)],
    },
  }
}

/** The colours of the style sheet as a canvas takes them: `light-dark()` resolved. */
function coloursOf(element: HTMLElement): (name: string) => string {
  const probe = element.appendChild(document.createElement('i'))
  const colours = new Map<string, string>()
  for (const name of ['--soft', '--line', '--accent', '--target', '--alert']) {
    probe.style.color = `var(${name})`
    colours.set(name, getComputedStyle(probe).color)
  }
  probe.remove()
  return (name) => colours.get(name) ?? 'gray'
}

/** Fits what is in view, and the target if it is near. */
function rangeOf(plot: uPlot, { isCut, target }: PriceChartProps): [number, number] {
  const prices = plot.data[1] ?? []
  // The scale of time is not set yet when this is asked; which points are in view is.
  const [first, last] = plot.series[0]?.idxs ?? [0, prices.length - 1]
  // The price before the first point in view is in force until that.
  const inView = prices.slice(Math.max(0, first - 1), last + 1)
  const seen = inView.filter((price): price is number => typeof price === 'number')
  if (seen.length === 0) return [0, 1]
  const sorted = seen.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.round((sorted.length - 1) * share)] ?? 0
  const [low, high] = isCut ? [at(CUT), at(1 - CUT)] : [at(0), at(1)]
  const margin = Math.max((high - low) * 0.06, high * 0.005)
  const isNear = target !== null && target > low - (high - low) * 2 && target < high * 2
  return [Math.min(low, isNear ? target : low) - margin, Math.max(high, isNear ? target : high) + margin]
}

function drawMarks(
  { ctx, bbox, valToPos }: uPlot,
  { target, alerts, marks, format }: PriceChartProps,
  colour: (name: string) => string,
): void {
  const line = (price: number, name: string, stroke: string, dash: number[]) => {
    const y = valToPos(price, 'y', true)
    if (y < bbox.top || y > bbox.top + bbox.height) return
    ctx.strokeStyle = stroke
    ctx.fillStyle = stroke
    ctx.setLineDash(dash)
    ctx.lineWidth = devicePixelRatio
    ctx.beginPath()
    ctx.moveTo(bbox.left, y)
    ctx.lineTo(bbox.left + bbox.width, y)
    ctx.stroke()
    ctx.setLineDash([])
    ctx.textAlign = 'left'
    ctx.fillText(`${name} ${format(price)}`, bbox.left + 6, y - 4 * devicePixelRatio)
  }
  ctx.save()
  ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`
  for (const { name, price } of marks) line(price, name, colour('--soft'), [2, 4])
  if (target !== null) line(target, 'target', colour('--target'), [8, 6])
  ctx.fillStyle = colour('--alert')
  for (const { atMs, price } of alerts) {
    const [x, y] = [valToPos(atMs / 1_000, 'x', true), valToPos(price, 'y', true)]
    if (x < bbox.left || x > bbox.left + bbox.width) continue
    ctx.beginPath()
    ctx.arc(x, y, 5 * devicePixelRatio, 0, 2 * Math.PI)
    ctx.fill()
  }
  ctx.restore()
}

/** Lets the target line be dragged; everywhere else dragging zooms. */
function dragTarget(plot: uPlot, latest: Latest): () => void {
  const { over } = plot
  const yOf = (event: PointerEvent) => event.clientY - over.getBoundingClientRect().top
  const isOnTarget = (event: PointerEvent) => {
    const { target, onTarget } = latest.current
    return onTarget && target !== null && Math.abs(plot.valToPos(target, 'y') - yOf(event)) < GRAB_PX
  }
  let isDragged = false
  const down = (event: PointerEvent) => {
    if (!isOnTarget(event)) return
    isDragged = true
    over.setPointerCapture(event.pointerId)
  }
  const move = (event: PointerEvent) => {
    over.style.cursor = isDragged || isOnTarget(event) ? 'ns-resize' : ''
  }
  const up = (event: PointerEvent) => {
    if (!isDragged) return
    isDragged = false
    const price = plot.posToVal(yOf(event), 'y')
    if (price > 0) latest.current.onTarget?.(Math.round(price * 100) / 100)
  }
  // uPlot begins its own selection on the mouse event that follows.
  const noSelection = (event: MouseEvent) => isDragged && event.stopImmediatePropagation()
  over.addEventListener('pointerdown', down)
  over.addEventListener('pointermove', move)
  over.addEventListener('pointerup', up)
  over.addEventListener('mousedown', noSelection, true)
  return () => {
    over.removeEventListener('pointerdown', down)
    over.removeEventListener('pointermove', move)
    over.removeEventListener('pointerup', up)
    over.removeEventListener('mousedown', noSelection, true)
  }
}
