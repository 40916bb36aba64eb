import 'uplot/dist/uPlot.min.css'
import { useEffect, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import { isUtc } from '../time.tsx'
import { useDark } from './dark.ts'
import { readKey } from './keys.ts'
import { joined, type Line, placeAt } from './lines.ts'
import { type Band, colourOf, HEIGHT_PX, optionsOf, readOut } from './options.ts'
import { type Limits, panAndZoom, show } from './pan-zoom.ts'
import { type ChosenPoint, pointAt } from './point.ts'
import { TargetLine } from './target-line.tsx'

export interface PriceChartProps {
  /** The first one is the page's own: keys read it, and its currency is the target's. */
  readonly lines: readonly Line[]
  /** What is seen at first; moving through time goes from the first price to `until`. Seconds since 1970. */
  readonly from: number
  readonly until: number
  readonly alerts: readonly {
    readonly id: string
    readonly at: number
    readonly price: number
    readonly name: string
  }[]
  readonly target: number | null
  readonly band: Band | null
  /** Whether the highest and lowest 2 % of time are left out of sight. */
  readonly isCut: boolean
  /** What the chart shows, in a sentence. */
  readonly label: string
  readonly chosen: ChosenPoint | null
  readonly onChoose: (point: ChosenPoint) => void
  /** The target was put there. */
  readonly onTarget: (price: number) => void
}

/**
 * A step chart of prices: drag to move through time, Ctrl and wheel or + and - to zoom, arrow keys to read it price by
 * price, Enter or a click for the record behind one.
 */
export default function PriceChart(props: PriceChartProps) {
  const { lines, from, until, label } = props
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<uPlot>(null)
  const reading = useRef<number>(null)
  const latest = useRef(props)
  latest.current = props
  const [said, setSaid] = useState('')
  const [under, setUnder] = useState<number | null>(null)
  const [, setDrawn] = useState(0)
  const utc = isUtc.value
  const isDark = useDark()
  useEffect(() => {
    const element = place.current
    if (!element) return
    const { min, max } = chart.current?.scales.x ?? {}
    const made = new uPlot(
      optionsOf(element, lines, utc, {
        drawn: () => ({ ...latest.current, wish: latest.current }),
        onDraw: () => setDrawn((times) => times + 1),
        onCursor: setUnder,
        onStretch: (plot, start, end) => show(plot, limitsOf(latest.current), start, end),
      }),
      joined(lines, until),
      element,
    )
    chart.current = made
    // What was looked at stays when a new price comes.
    const isFirst = min == null || max == null
    show(made, limitsOf(latest.current), isFirst ? from : min, isFirst ? until : max)
    const sizes = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT_PX }))
    sizes.observe(element)
    reading.current = null
    const release = panAndZoom(
      made,
      () => limitsOf(latest.current),
      (left, top) => {
        const point = pointAt(made, latest.current.lines, left, top)
        if (point) latest.current.onChoose(point)
      },
    )
    return () => {
      sizes.disconnect()
      release()
      made.destroy()
    }
  }, [lines, until, utc, isDark])
  useEffect(() => {
    // A chart that has not been drawn yet has no times to keep.
    if (chart.current?.scales.x?.min != null) chart.current.redraw(true, true)
  }, [props.target, props.isCut, props.band])
  // Behind the redrawing, which keeps the times that are seen.
  useEffect(() => {
    if (chart.current) show(chart.current, limitsOf(latest.current), from, until)
  }, [from])

  const plot = chart.current
  const area = plot && {
    left: plot.bbox.left / devicePixelRatio,
    top: plot.bbox.top / devicePixelRatio,
    width: plot.bbox.width / devicePixelRatio,
    height: plot.bbox.height / devicePixelRatio,
  }
  const scale = lines[0]?.currency ?? ''
  const isDrawn = plot?.scales[scale]?.max != null
  const xOf = (at: number) => plot?.valToPos(at, 'x') ?? 0
  const yOf = (price: number) => plot?.valToPos(price, scale) ?? 0
  const seen = props.alerts.filter(({ at }) => area && xOf(at) >= 0 && xOf(at) <= area.width)
  const chosenLine = lines.find(({ domain }) => domain === props.chosen?.domain)
  return (
    <figure class="chart">
      <div
        role="img"
        aria-label={label}
        tabindex={0}
        onKeyDown={(event) =>
          plot && readKey(event, plot, { ...latest.current, reading }, limitsOf(latest.current), setSaid)
        }
      >
        <div ref={place} />
      </div>
      {plot && area && isDrawn && (
        <div class="over" style={px(area)}>
          {props.chosen && chosenLine && (
            <i
              class="chosen-point"
              style={px({ left: xOf(props.chosen.at), top: chosenTop(plot, chosenLine, props.chosen.at) })}
            />
          )}
          {seen.map(({ id, at, price, name }) => (
            <i
              key={id}
              class="alert-mark"
              role="img"
              aria-label={name}
              style={px({ left: xOf(at), top: Math.max(0, Math.min(area.height, yOf(price))) })}
            />
          ))}
          {props.target !== null && (
            <TargetLine
              {...{
                target: props.target,
                currency: scale,
                height: area.height,
                yOf,
                onTarget: props.onTarget,
              }}
              priceAt={(y) => plot.posToVal(y, scale)}
            />
          )}
        </div>
      )}
      <figcaption class="soft">
        {lines.length > 1 &&
          lines.map(({ domain }, index) => (
            <span key={domain} class="key" style={{ '--key': `var(${colourOf(index)})` }}>
              {domain}
            </span>
          ))}
        {lines.some(({ isThinned }) => isThinned) && 'Thinned: ends and extremes of each stretch. '}
        {under === null
          ? 'Shaded from the lowest price to the median. Drag to move, Ctrl and wheel to zoom, click a price for its record.'
          : readOut(lines, under, utc)}
      </figcaption>
      <output aria-live="polite" class="unseen">
        {said}
      </output>
    </figure>
  )
}

const limitsOf = ({ lines, from, until }: PriceChartProps): Limits => ({
  from: Math.min(from, ...lines.map(({ at }) => at[0] ?? until)),
  until,
})

const px = (lengths: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(lengths).map(([name, length]) => [name, `${length}px`]))

const chosenTop = (plot: uPlot, line: Line, at: number) =>
  plot.valToPos(line.price[placeAt(line, at)] ?? plot.scales[line.currency]?.min ?? 0, line.currency)
