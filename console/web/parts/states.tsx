import type { ComponentChildren } from 'preact'
import type { CallFailed, Shown } from '../api.ts'

/** What a part shows while it waits, when it failed, when there is nothing, and else its value. */
export function Loaded<Value>({
  of: { value, error, again },
  empty,
  children,
}: {
  readonly of: Shown<Value>
  /** What to say, and to do, where the value is an empty list. */
  readonly empty?: ComponentChildren
  readonly children: (value: Value) => ComponentChildren
}) {
  if (value === undefined && error) return <Failed error={error} again={again} />
  if (value === undefined) return <output class="loading">Loading</output>
  const isEmpty = Array.isArray(value) && value.length === 0
  return (
    <>
      {error && <Failed error={error} again={again} />}
      {isEmpty && empty !== undefined ? <div class="empty">{empty}</div> : children(value)}
    </>
  )
}

export const Failed = ({
  error,
  again,
}: {
  readonly error: Pick<CallFailed, 'message'>
  readonly again: () => void
}) => (
  <div class="failed" role="alert">
    <span>{error.message}</span>
    <button type="button" onClick={again}>
      Try again
    </button>
  </div>
)
