import { useEffect, useMemo, useState } from 'preact/hooks'
import { type CallFailed, call } from '../../api.ts'
import type { Line } from './lines.ts'

interface Wanted {
  readonly domain: string
  readonly currency: string
  readonly observations: number
}

/** The prices of a product in some marketplaces, the first one first; those that have new ones are asked for again. */
export function useCharts(
  asin: string,
  wanted: readonly Wanted[],
): { readonly lines?: readonly Line[]; readonly error?: CallFailed; readonly again: () => void } {
  const [loaded, setLoaded] = useState<ReadonlyMap<string, Line & { readonly observations: number }>>(
    new Map(),
  )
  const [error, setError] = useState<CallFailed>()
  const [times, setTimes] = useState(0)
  const key = wanted.map(({ domain, observations }) => `${domain}:${observations}`).join(' ')
  useEffect(() => {
    const gone = new AbortController()
    const load = async ({ domain, currency, observations }: Wanted) => {
      if (observations === 0 || loaded.get(domain)?.observations === observations) return
      const { at, price, isThinned } = await call('prices.chart', { product: asin, domain }, gone.signal)
      setLoaded((before) =>
        new Map(before).set(domain, { domain, currency, at, price, isThinned, observations }),
      )
    }
    setError(undefined)
    Promise.all(wanted.map(load)).catch((failure: CallFailed) => !gone.signal.aborted && setError(failure))
    return () => gone.abort()
  }, [asin, key, times])
  // The same list as long as its lines are the same: a chart is built for each list.
  const lines = useMemo(
    () => wanted.flatMap(({ domain }) => loaded.get(domain) ?? []),
    [loaded, wanted.map(({ domain }) => domain).join(' ')],
  )
  const isOwnThere = lines[0] !== undefined && lines[0].domain === wanted[0]?.domain
  return { ...(isOwnThere && { lines }), ...(error && { error }), again: () => setTimes(times + 1) }
}
