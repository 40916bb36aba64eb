import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { ActionInput, ActionOutput } from '../../../server/actions.ts'
import { type CallFailed, call } from '../../api.ts'

export type Watch = ActionOutput<'watches.search'>['rows'][number]

/** A place of the list; its watch comes when it is in view. */
export interface ListedWatch {
  readonly index: number
  readonly watch: Watch | undefined
}

/** Which watches are looked for. */
export type Wanted = Pick<ActionInput<'watches.search'>, 'text' | 'status'> & { readonly text: string }

interface Found {
  readonly key: string
  readonly total: number
  readonly parts: ReadonlyMap<number, readonly Watch[]>
}

/** As many as an answer has. */
const PART = 100
/** Keys that follow one another within this time are one search. */
const TYPING_MS = 80
const REFRESH_MS = 15_000

/** The watches that match, of which those in view are asked for: any number can be searched and scrolled. */
export function useWatchSearch(wanted: Wanted) {
  const key = JSON.stringify(wanted)
  const [found, setFound] = useState<Found>()
  const [error, setError] = useState<CallFailed>()
  const [times, setTimes] = useState(0)
  const asked = useRef(new Set<number>())
  const view = useRef({ key, first: 0, last: PART })
  const gone = useRef(new AbortController())
  const load = async (part: number, isFresh: boolean) => {
    const { signal } = gone.current
    asked.current.add(part)
    try {
      const answer = await call('watches.search', { ...wanted, from: part * PART, most: PART }, signal)
      setError(undefined)
      setFound((before) => ({
        ...{ key, total: answer.total },
        parts: new Map(isFresh || before?.key !== key ? [] : before.parts).set(part, answer.rows),
      }))
    } catch (failure) {
      asked.current.delete(part)
      if (!signal.aborted) setError(failure as CallFailed)
    }
  }
  const loadView = async (isFresh: boolean) => {
    const { first, last } = view.current
    const missing: number[] = []
    for (let part = Math.floor(first / PART); part * PART < Math.max(last, 1); part += 1) {
      if (isFresh || !asked.current.has(part)) missing.push(part)
    }
    if (isFresh) asked.current = new Set()
    for (const [index, part] of missing.entries()) await load(part, isFresh && index === 0)
  }
  useEffect(() => {
    if (view.current.key !== key) view.current = { key, first: 0, last: PART }
    gone.current = new AbortController()
    const timer = setTimeout(() => loadView(true), found === undefined ? 0 : TYPING_MS)
    const refresh = setInterval(() => loadView(true), REFRESH_MS)
    return () => {
      clearTimeout(timer)
      clearInterval(refresh)
      gone.current.abort()
    }
  }, [key, times])
  const rows = useMemo(() => found && listOf(found), [found])
  return {
    ...{ rows, error, total: found?.total, shownKey: found?.key ?? '' },
    /** Whether the rows are what is looked for now, and not what was before. */
    isCurrent: found?.key === key,
    again: () => setTimes((before) => before + 1),
    onView: (first: number, last: number) => {
      view.current = { key, first, last }
      if (found?.key === key) void loadView(false)
    },
  }
}

const listOf = ({ total, parts }: Found): Pick<readonly ListedWatch[], 'length' | 'slice'> => ({
  length: total,
  slice: (start = 0, end = total) =>
    Array.from({ length: Math.max(0, Math.min(end, total) - start) }, (_, offset) => {
      const index = start + offset
      return { index, watch: parts.get(Math.floor(index / PART))?.[index % PART] }
    }),
})
