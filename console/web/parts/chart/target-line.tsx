import { useRef, useState } from 'preact/hooks'
import { decimalsOf, money } from '../money.ts'

export interface TargetLineProps {
  readonly target: number
  readonly currency: string
  /** Of the plot, in pixels. */
  readonly height: number
  readonly yOf: (price: number) => number
  readonly priceAt: (y: number) => number
  /** It was put there. */
  readonly onTarget: (price: number) => void
}

/** A step of a key: about a hundredth of the price, and round. */
const stepOf = (price: number): number => 10 ** Math.max(-2, Math.floor(Math.log10(Math.max(price, 1))) - 1)

/**
 * The target as a line over the chart. It is dragged, or moved by arrow and Page keys, and is saved where it is dropped,
 * at Enter, or when it is left; Escape puts it back.
 */
export function TargetLine({ target, currency, height, yOf, priceAt, onTarget }: TargetLineProps) {
  const [moved, setMoved] = useState<number | null>(null)
  const isHeld = useRef(false)
  const rounded = (price: number) => {
    const factor = 10 ** decimalsOf(currency)
    return Math.max(1, Math.round(price * factor)) / factor
  }
  const shown = moved ?? target
  const y = yOf(shown)
  const save = () => {
    if (moved !== null && moved !== target) onTarget(moved)
    setMoved(null)
  }
  const down = (event: PointerEvent & { readonly currentTarget: HTMLElement }) => {
    if (event.button !== 0) return
    isHeld.current = true
    event.currentTarget.setPointerCapture(event.pointerId)
  }
  const move = (event: PointerEvent & { readonly currentTarget: HTMLElement }) => {
    if (!isHeld.current) return
    const plot = event.currentTarget.parentElement?.getBoundingClientRect()
    const at = Math.max(0, Math.min(height, event.clientY - (plot?.top ?? 0)))
    setMoved(rounded(priceAt(at)))
  }
  const up = () => {
    if (!isHeld.current) return
    isHeld.current = false
    save()
  }
  const key = (event: KeyboardEvent) => {
    const steps = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 10, PageDown: -10 }[
      event.key
    ]
    if (steps !== undefined) setMoved(rounded(shown + steps * stepOf(target)))
    else if (event.key === 'Enter') save()
    else if (event.key === 'Escape') setMoved(null)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  const place = y < 0 ? 'out above' : y > height ? 'out below' : ''
  return (
    <div
      class={`target-line ${place}`}
      role="slider"
      tabIndex={0}
      aria-label="Target"
      aria-orientation="vertical"
      aria-valuemin={0}
      aria-valuemax={rounded(Math.max(shown, priceAt(0)))}
      aria-valuenow={shown}
      aria-valuetext={`${money(shown, currency)}${moved === null ? '' : ', Enter saves it'}`}
      style={{ top: `${Math.max(0, Math.min(height, y))}px` }}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onPointerCancel={() => {
        isHeld.current = false
        setMoved(null)
      }}
      onKeyDown={key}
      onBlur={save}
    >
      <span class="target-label">
        {y < 0 ? '↑ ' : y > height ? '↓ ' : ''}target {money(shown, currency)}
      </span>
    </div>
  )
}
