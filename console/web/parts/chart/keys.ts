import type uPlot from 'uplot'
import { isUtc } from '../time.tsx'
import { type Line, placeAt } from './lines.ts'
import { readOut } from './options.ts'
import { type Limits, pan, show, zoom } from './pan-zoom.ts'

interface Read {
  readonly lines: readonly Line[]
  /** The place that was read last; null before the first. */
  readonly reading: { current: number | null }
  readonly onChoose: (point: { readonly domain: string; readonly at: number }) => void
}

/** Arrow keys go from price to price, Page keys by a tenth of all, Home and End to the ends; what is there is said. */
export function readKey(
  event: KeyboardEvent,
  plot: uPlot,
  { lines, onChoose, reading }: Read,
  limits: Limits,
  say: (text: string) => void,
): void {
  const [line] = lines
  if (!line || line.at.length === 0) return
  const { left } = plot.cursor
  const underPointer = left == null || left < 0 ? line.at.length : placeAt(line, plot.posToVal(left, 'x'))
  const here = reading.current ?? underPointer
  const tenth = Math.max(1, Math.round(line.at.length / 10))
  const goTo = (index: number) => {
    const place = Math.max(0, Math.min(line.at.length - 1, index))
    reading.current = place
    const at = line.at[place] ?? 0
    const { min = 0, max = 0 } = plot.scales.x ?? {}
    if (at < min || at > max) {
      show(plot, limits, at - (max - min) / 2, at + (max - min) / 2)
      // The cursor is put where the point is once that is drawn.
      queueMicrotask(() => plot.setCursor({ left: plot.valToPos(at, 'x'), top: 0 }))
    } else plot.setCursor({ left: plot.valToPos(at, 'x'), top: 0 })
    say(readOut(lines, at, isUtc.value))
  }
  const keys: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => (event.shiftKey ? pan(plot, limits, -0.25) : goTo(here - 1)),
    ArrowRight: () => (event.shiftKey ? pan(plot, limits, 0.25) : goTo(here + 1)),
    PageUp: () => goTo(here - tenth),
    PageDown: () => goTo(here + tenth),
    Home: () => goTo(0),
    End: () => goTo(line.at.length - 1),
    '+': () => zoom(plot, limits, true),
    '-': () => zoom(plot, limits, false),
    Enter: () => {
      const at = line.at[Math.min(here, line.at.length - 1)]
      if (at !== undefined) onChoose({ domain: line.domain, at })
    },
  }
  const act = keys[event.key]
  if (!act || event.ctrlKey || event.metaKey || event.altKey) return
  event.preventDefault()
  act()
}
