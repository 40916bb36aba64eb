import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { ActionOutput } from '../../../server/actions.ts'
import { type CallFailed, call } from '../../api.ts'
import { money } from '../money.ts'

type Product = ActionOutput<'products.show'>['marketplaces'][number]
type Watch = Product['watches'][number]

/** The target that the chart shows: of the first watch that has one, else of the first watch. */
export interface ShownTarget {
  readonly watch: Watch | undefined
  readonly value: number | null
  /** Saves it; that can be undone. */
  readonly move: (price: number) => void
  /** What became of the last move. */
  readonly said: ComponentChildren
}

interface Move {
  readonly before: string | null
  readonly after: string
  readonly isUndone?: boolean
  readonly failed?: string
}

export function useTarget({ watches, currency }: Product): ShownTarget {
  const watch = watches.find(({ target }) => target !== null) ?? watches[0]
  const [move, setMove] = useState<Move>()
  // Shown at once; the server's own word comes with the next look.
  const [ahead, setAhead] = useState<string | null>()
  useEffect(() => setAhead(undefined), [watch?.target])
  const save = async (target: string, then: Move) => {
    if (!watch) return
    setAhead(target)
    try {
      await call('watches.target', { watch: watch.id, target })
      setMove(then)
    } catch (error) {
      setAhead(undefined)
      setMove({ ...then, failed: (error as CallFailed).message })
    }
  }
  const current = ahead === undefined ? (watch?.target ?? null) : ahead
  const value = Number(current ?? 0)
  return {
    watch,
    value: value > 0 ? value : null,
    move: (price) => save(price.toFixed(2), { before: current, after: price.toFixed(2) }),
    said: move && (
      <output aria-live="polite" class={move.failed ? 'failed' : 'said'}>
        {move.failed ?? (move.isUndone ? 'The target is back at ' : 'The target is now ')}
        {!move.failed && <strong>{money(move.after, currency)}</strong>}{' '}
        {!move.failed && !move.isUndone && (
          <button
            type="button"
            class="quiet"
            onClick={() =>
              save(move.before ?? '0', { before: null, after: move.before ?? '0', isUndone: true })
            }
          >
            Undo
          </button>
        )}
      </output>
    ),
  }
}
