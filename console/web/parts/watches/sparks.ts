import { useEffect, useState } from 'preact/hooks'
import type { ActionOutput } from '../../../server/actions.ts'
import { call } from '../../api.ts'

type Spark = ActionOutput<'prices.sparks'>[number]

/** As many as an answer has. */
const MOST = 200
/** What is scrolled past within this time is not asked for. */
const SCROLLING_MS = 120

/** The last 30 days of the products in view; those that were there before are kept. */
export function useSparks(products: readonly string[]): ReadonlyMap<string, Spark | null> {
  const [sparks, setSparks] = useState<ReadonlyMap<string, Spark | null>>(new Map())
  const missing = [...new Set(products)].filter((id) => !sparks.has(id)).slice(0, MOST)
  useEffect(() => {
    if (missing.length === 0) return
    const gone = new AbortController()
    const load = async () => {
      const found = await call('prices.sparks', { products: missing }, gone.signal)
      setSparks((before) => {
        const next = new Map<string, Spark | null>(before)
        for (const id of missing) next.set(id, null)
        for (const spark of found) next.set(spark.productId, spark)
        return next
      })
    }
    // A list without its small pictures is still a list.
    const timer = setTimeout(() => load().catch(() => undefined), SCROLLING_MS)
    return () => {
      clearTimeout(timer)
      gone.abort()
    }
  }, [missing.join(' ')])
  return sparks
}
