import { useEffect, useRef, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { usePlaces } from './places.ts'

/** A search over everything, with the keyboard alone: arrows choose, Enter opens, Escape closes. */
export default function Search({ onClose }: { readonly onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const list = useRef<HTMLDivElement>(null)
  const [text, setText] = useState('')
  const [active, setActive] = useState(0)
  const { route } = useLocation()
  const places = usePlaces(text)
  const chosen = Math.min(active, places.length - 1)
  useEffect(() => dialog.current?.showModal(), [])
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  const open = (index: number) => {
    const place = places[index]
    if (!place) return
    onClose()
    route(place.href)
  }
  const key = (event: KeyboardEvent) => {
    const last = places.length - 1
    const moves: Readonly<Record<string, number>> = {
      ...{ ArrowDown: chosen === last ? 0 : chosen + 1, ArrowUp: chosen <= 0 ? last : chosen - 1 },
      ...{ PageDown: Math.min(last, chosen + 8), PageUp: Math.max(0, chosen - 8) },
    }
    const next = moves[event.key]
    if (next !== undefined) setActive(next)
    else if (event.key === 'Enter') open(chosen)
    else return
    event.preventDefault()
  }
  return (
    <dialog class="search" ref={dialog} aria-label="Search everything" onClose={onClose}>
      <input
        type="text"
        role="combobox"
        aria-label="Search everything"
        aria-expanded="true"
        aria-controls="places"
        aria-autocomplete="list"
        aria-activedescendant={chosen >= 0 ? `place-${chosen}` : undefined}
        placeholder="Products, topics, groups, functions, schedules, alarms, pages, deals, users"
        value={text}
        onInput={({ currentTarget: { value } }) => {
          setText(value)
          setActive(0)
        }}
        onKeyDown={key}
      />
      <div id="places" role="listbox" aria-label="Found" ref={list}>
        {places.map(({ kind, name, more, href }, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: keys are the input's
          <div
            key={`${kind} ${name} ${href}`}
            id={`place-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === chosen}
            onClick={() => open(index)}
          >
            <span class="soft">{kind}</span> {name} <span class="soft">{more}</span>
          </div>
        ))}
      </div>
      <p class="soft" aria-live="polite">
        {places.length === 0
          ? `Nothing holds “${text}”.`
          : `${places.length} found. ↑ ↓ choose, Enter opens, Esc closes.`}
      </p>
    </dialog>
  )
}
