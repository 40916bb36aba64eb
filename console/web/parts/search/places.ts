import { useEffect, useState } from 'preact/hooks'
import { call } from '../../api.ts'
import { PAGES } from '../pages.ts'

/** Something that a search leads to. */
export interface Place {
  readonly kind: string
  readonly name: string
  /** What else tells it apart. */
  readonly more?: string
  readonly href: string
}

const PAGE_PLACES: readonly Place[] = PAGES.flatMap(([, pages]) =>
  pages.map(([href, name]) => ({ kind: 'page', name, href })),
)

/** Lists that are short and are searched here. Where one cannot be read, the others still are. */
const LISTS: readonly (() => Promise<readonly Place[]>)[] = [
  async () =>
    (await call('topics.list', {})).map(({ topic }) => ({
      kind: 'topic',
      name: topic,
      href: `/topics/${topic}`,
    })),
  async () =>
    (await call('groups.list', {})).map(({ group }) => ({
      ...{ kind: 'group', name: group, href: `/groups/${encodeURIComponent(group)}` },
    })),
  async () =>
    (await call('functions.list', {})).map((name) => ({
      kind: 'function',
      name,
      href: `/functions/${name}`,
    })),
  async () =>
    (await call('schedules.list', {})).map(({ name }) => ({ kind: 'schedule', name, href: '/schedules' })),
  async () =>
    (await call('alarms.list', {})).map(({ name, state }) => ({
      ...{ kind: 'alarm', name, more: state.toLowerCase(), href: `/alarms/${encodeURIComponent(name)}` },
    })),
  async () =>
    (await call('dashboards.list', {})).map((name) => ({
      kind: 'dashboard',
      name,
      href: `/dashboards/${name}`,
    })),
]

const PLACES_SHOWN = 8
const TYPING_MS = 100

/** What there is of all that holds every word: pages and lists at once, products, deals and users as Postgres finds them. */
export function usePlaces(text: string): readonly Place[] {
  const [listed, setListed] = useState(PAGE_PLACES)
  const [stored, setStored] = useState<{ readonly text: string; readonly places: readonly Place[] }>()
  useEffect(() => {
    for (const list of LISTS) {
      list().then(
        (places) => setListed((before) => [...before, ...places]),
        () => undefined,
      )
    }
  }, [])
  useEffect(() => {
    if (text.trim() === '') return
    const gone = new AbortController()
    const timer = setTimeout(
      () =>
        storedPlaces(text, gone.signal).then(
          (places) => setStored({ text, places }),
          () => undefined,
        ),
      TYPING_MS,
    )
    return () => {
      clearTimeout(timer)
      gone.abort()
    }
  }, [text])
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const found = listed.filter(({ kind, name }) => {
    const said = `${kind} ${name}`.toLowerCase()
    return words.every((word) => said.includes(word))
  })
  if (words.length === 0) return PAGE_PLACES
  return [...found.slice(0, PLACES_SHOWN), ...(stored?.places ?? []), ...found.slice(PLACES_SHOWN, 30)]
}

async function storedPlaces(text: string, signal: AbortSignal): Promise<readonly Place[]> {
  const { products, deals, users } = await call('find.anything', { text }, signal)
  return [
    ...products.map(({ asin, domain, title }) => ({
      ...{ kind: 'product', name: title || asin, more: `${asin} ${domain}` },
      href: `/products/${domain}/${asin}`,
    })),
    ...deals
      .filter((deal) => !products.some((one) => isSame(one, deal)))
      .map(({ asin, domain, title }) => ({
        ...{ kind: 'deal', name: title || asin, more: `${asin} ${domain}` },
        href: `/products/${domain}/${asin}`,
      })),
    ...users.map(({ email }) => ({
      ...{ kind: 'user', name: email, more: 'watches' },
      href: `/watches?${new URLSearchParams({ q: email })}`,
    })),
  ]
}

/** A deal's product is found as a product already, if it is one of Keeper's. */
const isSame = (a: ProductName, b: ProductName): boolean => a.asin === b.asin && a.domain === b.domain

interface ProductName {
  readonly asin: string
  readonly domain: string
}
