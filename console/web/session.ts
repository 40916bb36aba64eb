import { signal } from '@preact/signals'

const KEY = 'keeper-token'

/**
 * The session's token: it comes in the fragment of the terminal's address, is kept for this tab, and leaves the address,
 * so that what is copied from there is no key.
 */
export function takeToken(): string | null {
  const given = location.hash.slice(1)
  if (given !== '') {
    sessionStorage.setItem(KEY, given)
    history.replaceState(null, '', location.pathname + location.search)
  }
  return sessionStorage.getItem(KEY)
}

export const token = (): string => sessionStorage.getItem(KEY) ?? ''

/** Whether this console only reads: known once it has said so. */
export const isReadOnly = signal(false)
