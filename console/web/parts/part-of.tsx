import type { ComponentChildren } from 'preact'
import { Failed } from './states.tsx'

/** A part of the status, or why it could not be read. */
export function PartOf<Value>({
  of,
  again,
  children,
}: {
  readonly of:
    | { readonly value: Value }
    | { readonly error: { readonly code: string; readonly message: string } }
  readonly again: () => void
  readonly children: (value: Value) => ComponentChildren
}) {
  if ('value' in of) return <>{children(of.value)}</>
  return <Failed error={of.error} again={again} />
}
