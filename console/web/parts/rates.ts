import { useRef } from 'preact/hooks'
import type { ActionOutput } from '../../server/actions.ts'

export type TopicRow = ActionOutput<'topics.list'>[number]

/** How far back a rate looks: single batches would make it jump. */
const RATE_MS = 60_000

/** Records a minute of a topic, of what this page has seen of it; undefined until it has seen enough. */
export function useRates(topics: readonly TopicRow[]): (topic: string) => number | undefined {
  const seen = useRef<{ readonly atMs: number; readonly records: ReadonlyMap<string, number> }[]>([])
  const nowMs = Date.now()
  if (topics.length > 0) {
    seen.current = [
      ...seen.current.filter(({ atMs }) => nowMs - atMs < RATE_MS),
      { atMs: nowMs, records: new Map(topics.map(({ topic, records }) => [topic, records])) },
    ]
  }
  return (topic) => {
    const [first] = seen.current
    const last = seen.current.at(-1)
    if (!first || !last || last.atMs - first.atMs < 5_000) return undefined
    const more = (last.records.get(topic) ?? 0) - (first.records.get(topic) ?? 0)
    return (Math.max(0, more) * 60_000) / (last.atMs - first.atMs)
  }
}
