import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { isReadOnly } from '../session.ts'

/**
 * A button that does something, says when it does, and why it could not.
 * @param confirm what is asked before
 */
export function Act({
  children,
  work,
  confirm: question,
  isQuiet = false,
  isDisabled = false,
  done,
}: {
  readonly children: ComponentChildren
  readonly work: () => Promise<unknown>
  readonly confirm?: string
  readonly isQuiet?: boolean
  readonly isDisabled?: boolean
  readonly done?: () => void
}) {
  const [state, setState] = useState<'idle' | 'busy' | { readonly failed: string }>('idle')
  const act = async () => {
    if (question !== undefined && !confirm(question)) return
    setState('busy')
    try {
      await work()
      setState('idle')
      done?.()
    } catch (error) {
      setState({ failed: (error as Error).message })
    }
  }
  return (
    <span class="act">
      <button
        type="button"
        class={isQuiet ? 'quiet' : undefined}
        disabled={isDisabled || state === 'busy' || isReadOnly.value}
        title={isReadOnly.value ? 'This console only reads' : undefined}
        onClick={act}
      >
        {children}
      </button>
      <output aria-live="polite" class="soft">
        {state === 'busy' ? 'working' : typeof state === 'object' ? state.failed : ''}
      </output>
    </span>
  )
}
