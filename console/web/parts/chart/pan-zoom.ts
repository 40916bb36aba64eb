import type uPlot from 'uplot'

const LEAST_S = 60
const ZOOM = 1.25
/** A press that moves less than this is a click. */
const CLICK_PX = 4

/** Where time may be moved to, seconds since 1970. */
export interface Limits {
  readonly from: number
  readonly until: number
}

/** What each chart shows, or is about to: uPlot's own scale follows when it draws. */
const views = new WeakMap<uPlot, Limits>()

/** The stretch of time that a chart shows, or is about to. */
export const viewOf = (plot: uPlot): Limits | undefined => views.get(plot)

/** Shows a stretch of time, within the limits; a length of its own is kept where it fits. */
export function show(plot: uPlot, limits: Limits, from: number, until: number): void {
  const whole = Math.max(LEAST_S, limits.until - limits.from)
  const length = Math.min(whole, Math.max(LEAST_S, until - from))
  const min = Math.max(limits.from, Math.min(limits.until - length, from))
  views.set(plot, { from: min, until: min + length })
  plot.setScale('x', { min, max: min + length })
}

/** Moves by a share of what is seen. */
export function pan(plot: uPlot, limits: Limits, share: number): void {
  const { min = 0, max = 0 } = plot.scales.x ?? {}
  show(plot, limits, min + (max - min) * share, max + (max - min) * share)
}

/** Shows more or less around a place, a share of the width. */
export function zoom(plot: uPlot, limits: Limits, isIn: boolean, around = 0.5): void {
  const { min = 0, max = 0 } = plot.scales.x ?? {}
  const length = (max - min) * (isIn ? 1 / ZOOM : ZOOM)
  const from = min + (max - min - length) * around
  show(plot, limits, from, from + length)
}

/**
 * Dragging moves through time, a wheel with Ctrl (or two fingers) zooms, a wheel sideways moves; with Shift, dragging is
 * left to uPlot, which zooms to what is dragged across. At most one picture is drawn a frame.
 */
export function panAndZoom(
  plot: uPlot,
  limits: () => Limits,
  onClick: (left: number, top: number) => void,
): () => void {
  const { over } = plot
  let start: { readonly x: number; readonly min: number; readonly max: number } | undefined
  let isMoved = false
  let wanted: (() => void) | undefined
  const soon = (work: () => void) => {
    if (wanted === undefined) {
      requestAnimationFrame(() => {
        wanted?.()
        wanted = undefined
      })
    }
    wanted = work
  }
  const down = (event: PointerEvent) => {
    if (event.shiftKey || event.button !== 0) return
    const { min = 0, max = 0 } = plot.scales.x ?? {}
    start = { x: event.clientX, min, max }
    isMoved = false
    over.setPointerCapture(event.pointerId)
  }
  const move = (event: PointerEvent) => {
    if (!start) return
    const { x, min, max } = start
    if (Math.abs(event.clientX - x) >= CLICK_PX) isMoved = true
    if (!isMoved) return
    const by = ((x - event.clientX) / over.clientWidth) * (max - min)
    soon(() => show(plot, limits(), min + by, max + by))
  }
  const up = (event: PointerEvent) => {
    if (start && !isMoved) {
      const { left, top } = over.getBoundingClientRect()
      onClick(event.clientX - left, event.clientY - top)
    }
    start = undefined
  }
  const cancel = () => {
    start = undefined
  }
  const wheel = (event: WheelEvent) => {
    const isSideways = Math.abs(event.deltaX) > Math.abs(event.deltaY)
    if (!event.ctrlKey && !event.metaKey && !isSideways) return
    event.preventDefault()
    const { left, width } = over.getBoundingClientRect()
    const around = (event.clientX - left) / width
    soon(() =>
      isSideways ? pan(plot, limits(), event.deltaX / width) : zoom(plot, limits(), event.deltaY < 0, around),
    )
  }
  over.style.touchAction = 'pan-y'
  over.addEventListener('pointerdown', down)
  over.addEventListener('pointermove', move)
  over.addEventListener('pointerup', up)
  over.addEventListener('pointercancel', cancel)
  over.addEventListener('wheel', wheel, { passive: false })
  return () => {
    over.removeEventListener('pointerdown', down)
    over.removeEventListener('pointermove', move)
    over.removeEventListener('pointerup', up)
    over.removeEventListener('pointercancel', cancel)
    over.removeEventListener('wheel', wheel)
  }
}
