import { setTimeout as pause } from 'node:timers/promises'
import { codeOf, KeeperError } from '../../core/errors.ts'
import { DEALS_ALIAS, dealsIndexName, type IndexDefinition } from '../../core/search/deals-index.ts'
import { findDealsTarget, openDealsTarget } from '../../core/search/deals-target.ts'
import type { OpenSearch } from '../../core/search/open-search.ts'
import { type CopyPlan, copyProgress, copyRest, readPlan, startCopy } from './copy-index.ts'
import { deleteIndex, documentsOf, refresh, setWriteBlock } from './indices.ts'

/** Where a reindex is. */
export type ReindexState =
  | {
      readonly state: 'copying'
      readonly from: string
      readonly to: string
      readonly copied: number
      readonly total: number
    }
  | {
      readonly state: 'done'
      /** The index that was replaced; null where there was none. */
      readonly from: string | null
      readonly to: string
      readonly documents: number
    }

/** Reserved for the switch, in which writes wait: it is not begun with less. */
const SWITCH_MS = 20_000

/** Searches that run on the old index end meanwhile. */
const LAST_SEARCHES_MS = 1_000

/**
 * Replaces the index of deals, without a moment in which a deal cannot be found or an older one is shown:
 * 1. A new index is filled from the old one, while the indexer writes to the old one (copy-index.ts).
 * 2. Writes to the old one are blocked. OpenSearch answers once those in flight have ended. The indexer's are refused and
 *    sent again, to whatever the alias then leads to.
 * 3. What was written since the copy began is copied too. Now both have the same deals, which the counts confirm.
 * 4. The alias moves, and the old index is deleted.
 * All state is in OpenSearch, so each call continues where the last one ended, and another may follow a call that died.
 */
export async function replaceDealsIndex(
  search: OpenSearch,
  definition: IndexDefinition,
  deadlineMs: number,
): Promise<ReindexState> {
  const current = await findDealsTarget(search)
  if (!current) {
    const { index } = await openDealsTarget(search, definition)
    return { state: 'done', from: null, to: index, documents: 0 }
  }
  const from = current.index
  const plan =
    (await readPlan(search, from)) ?? (await startCopy(search, from, nextName(from, definition), definition))
  for (;;) {
    const { isComplete, ...progress } = await copyProgress(search, plan)
    const leftMs = deadlineMs - Date.now()
    if (isComplete && leftMs > SWITCH_MS) break
    if (leftMs < SWITCH_MS) return { state: 'copying', from, to: plan.to, ...progress }
    await pause(500)
  }
  const documents = await switchTo(search, plan)
  await pause(LAST_SEARCHES_MS)
  await deleteIndex(search, from)
  return { state: 'done', from, to: plan.to, documents }
}

async function switchTo(search: OpenSearch, plan: CopyPlan): Promise<number> {
  const { from, to } = plan
  try {
    await setWriteBlock(search, from, true)
    await refresh(search, from)
    await copyRest(search, plan)
    await refresh(search, to)
    const [before, after] = await Promise.all([documentsOf(search, from), documentsOf(search, to)])
    if (before !== after) {
      throw new KeeperError(
        'reindex_incomplete',
        `${from} has ${before} deals and ${to} has ${after}: nothing was changed.`,
      )
    }
    await search.ask({
      method: 'POST',
      path: '/_aliases',
      body: {
        actions: [
          { remove: { index: from, alias: DEALS_ALIAS, must_exist: true } },
          { add: { index: to, alias: DEALS_ALIAS } },
        ],
      },
    })
    return after
  } catch (error) {
    await setWriteBlock(search, from, false)
    // Filled again from the beginning by the next call.
    if (codeOf(error) === 'reindex_incomplete') await deleteIndex(search, to)
    throw error
  }
}

/** `deals-v2`; where the mapping has not changed, `deals-v1-2`, then `deals-v1-3`. */
function nextName(from: string, { version }: IndexDefinition): string {
  const name = dealsIndexName(version)
  if (from !== name && !from.startsWith(`${name}-`)) return name
  return `${name}-${Number(from.slice(name.length + 1) || '1') + 1}`
}
