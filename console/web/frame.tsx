import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { ErrorBoundary, lazy, useLocation } from 'preact-iso'
import { useCall } from './api.ts'
import { PAGES } from './parts/pages.ts'
import { isUtc } from './parts/time.tsx'
import { isReadOnly } from './session.ts'

const loadSearch = () => import('./parts/search/search.tsx')
const Search = lazy(loadSearch)

/** What stands around every page: where one can go, whose Keeper this is, and how times are shown. */
export function Frame({ children }: { readonly children: ComponentChildren }) {
  const { path } = useLocation()
  const about = useCall('console.about', {})
  useEffect(() => {
    isReadOnly.value = about.value?.isReadOnly ?? false
  }, [about.value])
  // A narrow screen has them in one line that scrolls.
  useEffect(() => {
    document
      .querySelector('.columns > nav [aria-current]')
      ?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [path])
  const [isSearching, setSearching] = useState(false)
  // Before it is asked for: what is typed right after the / would be lost while it loads.
  useEffect(() => void loadSearch(), [])
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target))
        return
      event.preventDefault()
      setSearching(true)
    }
    addEventListener('keydown', key)
    return () => removeEventListener('keydown', key)
  }, [])
  const isHere = (address: string) => (address === '/' ? path === '/' : path.startsWith(address))
  return (
    <>
      <a class="skip" href="#page">
        Skip to the page
      </a>
      <header class="top">
        <a class="brand" href="/">
          Keeper
        </a>
        <span class="soft">{about.value?.title}</span>
        {about.value?.isReadOnly && <span class="tag pending">read only</span>}
        <button type="button" class="quiet" aria-keyshortcuts="/" onClick={() => setSearching(true)}>
          Search <kbd>/</kbd>
        </button>
        <label class="switch">
          <input
            type="checkbox"
            checked={isUtc.value}
            onChange={({ currentTarget }) => {
              isUtc.value = currentTarget.checked
            }}
          />
          UTC
        </label>
      </header>
      <div class="columns">
        <nav aria-label="Pages">
          {PAGES.map(([group, pages]) => (
            <section key={group}>
              <h2>{group}</h2>
              {pages.map(([address, name]) => (
                <a key={address} href={address} aria-current={isHere(address) ? 'page' : undefined}>
                  {name}
                </a>
              ))}
            </section>
          ))}
        </nav>
        <main id="page" tabindex={-1}>
          {children}
        </main>
      </div>
      {isSearching && (
        <ErrorBoundary>
          <Search onClose={() => setSearching(false)} />
        </ErrorBoundary>
      )}
    </>
  )
}

/** Whether a key is part of a text. */
const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.matches('textarea, select, input:not([type=checkbox], [type=radio])'))
