import 'uplot/dist/uPlot.min.css'
import { useEffect, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import { coloursAt, isDark } from './colours.ts'
import { absolute, isUtc } from './time.tsx'

export interface MetricChartProps {
  readonly title: string
  /** What is drawn, milliseconds since 1970. */
  readonly startMs: number
  readonly endMs: number
  /** Ascending. */
  readonly times: readonly number[]
  readonly series: readonly { readonly label: string; readonly values: readonly (number | null)[] }[]
}

const HEIGHT_PX = 200

/** In the order of the series: told apart in both schemes, as lines of a few pixels. */
const COLOURS = Array.from({ length: 8 }, (_, index) => `--line-${index + 1}`)

const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 })

/** Lines of metrics: arrow keys read them time by time. */
export default function MetricChart({ title, startMs, endMs, times, series: all }: MetricChartProps) {
  const series = all.filter(({ values }) => values.some((value) => value !== null))
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<uPlot>(null)
  const [said, setSaid] = useState('')
  const [utc, dark] = [isUtc.value, isDark.value]
  const labels = series.map(({ label }) => label).join('\n')
  const data = [
    times.map((ms) => ms / 1_000),
    ...series.map(({ values }) => [...values]),
  ] as uPlot.AlignedData
  useEffect(() => {
    const element = place.current
    if (!element) return
    const made = new uPlot(optionsOf(element, series, utc), data, element)
    chart.current = made
    const sizes = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT_PX }))
    sizes.observe(element)
    return () => {
      sizes.disconnect()
      made.destroy()
    }
  }, [labels, utc, dark])
  useEffect(() => {
    const made = chart.current
    if (!made) return
    made.setData(data, false)
    made.setScale('x', { min: startMs / 1_000, max: endMs / 1_000 })
  }, [times, labels, utc, dark])

  const onKeyDown = (event: KeyboardEvent) => {
    const made = chart.current
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (!made || step === undefined) return
    event.preventDefault()
    const index = Math.max(0, Math.min(times.length - 1, (made.cursor.idx ?? times.length) + step))
    const atMs = times[index] ?? 0
    made.setCursor({ left: made.valToPos(atMs / 1_000, 'x'), top: 0 })
    const values = series.map(({ label, values: its }) => `${label} ${shown(its[index])}`)
    setSaid(`${absolute(atMs, utc)}: ${values.join(', ')}`)
  }
  const now = series.map(({ label, values }) => `${label} ${shown(values.findLast((each) => each !== null))}`)
  return (
    <div
      class="chart lines"
      role="img"
      aria-label={`${title}. Newest: ${now.join(', ')}. Arrow keys read them.`}
      tabindex={0}
      onKeyDown={onKeyDown}
    >
      <div ref={place} />
      <output aria-live="polite" class="unseen">
        {said}
      </output>
    </div>
  )
}

/** `13:30`, and at midnight the day. */
function clock(ms: number, utc: boolean): string {
  const time = absolute(ms, utc)
  return time.includes(' 00:00:00.') ? time.slice(5, 10) : time.slice(11, 16)
}

const shown = (value: number | null | undefined): string =>
  value === null || value === undefined ? 'none' : short.format(value)

function optionsOf(element: HTMLElement, series: MetricChartProps['series'], utc: boolean): uPlot.Options {
  const [soft = '', line = '', ...colours] = coloursAt(element, ['--soft', '--line', ...COLOURS])
  const axis = { stroke: soft, grid: { stroke: line, width: 1 }, ticks: { show: false } }
  return {
    ...{ width: element.clientWidth, height: HEIGHT_PX },
    ...(utc && { tzDate: (seconds: number) => uPlot.tzDate(new Date(seconds * 1_000), 'Etc/UTC') }),
    // Quantities begin at 0, and a line that is 0 throughout has room above it.
    scales: { y: { range: (_, low, high) => [Math.min(0, low ?? 0), Math.max(1, (high ?? 0) * 1.05)] } },
    axes: [
      { ...axis, size: 30, values: (_, times) => times.map((time) => clock(time * 1_000, utc)) },
      { ...axis, size: 52, values: (_, values) => values.map((each) => short.format(each)) },
    ],
    series: [
      { value: (_, seconds) => (seconds === null ? '' : absolute(seconds * 1_000, utc)) },
      ...series.map(
        ({ label }, index): uPlot.Series => ({
          ...{ label, stroke: colours[index % colours.length] ?? soft, width: 1.5 },
          ...(index >= colours.length && { dash: [6, 4] }),
          // Where nobody points at a time, the newest value.
          value: ({ data }, value, place, at) =>
            shown(at === null ? [...(data[place] ?? [])].findLast((each) => each !== null) : value),
        }),
      ),
    ],
    cursor: { drag: { x: false, y: false } },
  }
}
