import { codeOf, KeeperError } from '../../core/errors.ts'
import { DEALS_ALIAS, type IndexDefinition } from '../../core/search/deals-index.ts'
import type { OpenSearch } from '../../core/search/open-search.ts'
import { deleteIndex, refresh, storedUpTo } from './indices.ts'

/** A copy that was begun. It is kept in the new index's own `_meta`. */
export interface CopyPlan {
  readonly from: string
  readonly to: string
  /** OpenSearch's task. */
  readonly task: string
  /** What was written to `from` up to this sequence number is in the copy. */
  readonly after: number
}

type Meta = Omit<CopyPlan, 'to' | 'task'> & { readonly task?: string }

/**
 * The copy of an index that is being made; undefined where there is none. Other indices of deals are what a call that died
 * has left, and are deleted: a copy that did not begin, or an index that was replaced.
 */
export async function readPlan(search: OpenSearch, from: string): Promise<CopyPlan | undefined> {
  const found = await search.ask<Record<string, { mappings: { _meta?: Meta } }>>({
    method: 'GET',
    path: `/${DEALS_ALIAS}-v*/_mapping`,
  })
  for (const [to, { mappings }] of Object.entries(found)) {
    const meta = mappings._meta
    if (to === from) continue
    if (meta?.from === from && meta.task !== undefined) return { ...meta, to, task: meta.task }
    await deleteIndex(search, to)
  }
  return undefined
}

/**
 * Makes the new index and has OpenSearch fill it. A deal takes its version along, so whatever else comes, the newest wins.
 * https://docs.opensearch.org/latest/api-reference/document-apis/reindex/
 */
export async function startCopy(
  search: OpenSearch,
  from: string,
  to: string,
  { mappings, settings }: IndexDefinition,
): Promise<CopyPlan> {
  const after = await storedUpTo(search, from)
  await refresh(search, from)
  const meta: Meta = { from, after }
  await search.ask({
    method: 'PUT',
    path: `/${to}`,
    body: { settings, mappings: { ...mappings, _meta: meta } },
    timeoutMs: 30_000,
  })
  const { task } = await search.ask<{ task: string }>({
    method: 'POST',
    path: '/_reindex',
    query: { wait_for_completion: 'false' },
    body: copyRequest(from, to),
  })
  await search.ask({ method: 'PUT', path: `/${to}/_mapping`, body: { _meta: { ...meta, task } } })
  return { from, to, task, after }
}

/** A version that is there already is not an error. */
const copyRequest = (from: string, to: string, query?: object): object => ({
  conflicts: 'proceed',
  source: { index: from, ...(query ? { query } : {}) },
  dest: { index: to, version_type: 'external' },
})

interface CopyAnswer {
  readonly total: number
  readonly created: number
  readonly updated: number
  readonly version_conflicts: number
  readonly failures?: readonly object[]
}

interface Task {
  readonly completed: boolean
  readonly task: { readonly status: CopyAnswer }
  readonly error?: object
  readonly response?: CopyAnswer
}

/**
 * How far the copy is.
 * @throws KeeperError `reindex_failed`; the new index is then deleted, so that the next call begins again
 */
export async function copyProgress(
  search: OpenSearch,
  { to, task }: CopyPlan,
): Promise<{ readonly isComplete: boolean; readonly copied: number; readonly total: number }> {
  const found = await findTask(search, task)
  const failure = found ? (found.error ?? found.response?.failures?.[0]) : { reason: 'its task has ended' }
  if (!found || failure) {
    await deleteIndex(search, to)
    throw new KeeperError(
      'reindex_failed',
      `${to} could not be filled: ${JSON.stringify(failure).slice(0, 500)}`,
    )
  }
  const { total, created, updated, version_conflicts: there } = found.task.status
  return { isComplete: found.completed, copied: created + updated + there, total }
}

/** A task is lost with the node that ran it. */
async function findTask(search: OpenSearch, task: string): Promise<Task | undefined> {
  try {
    return await search.ask<Task>({ method: 'GET', path: `/_tasks/${task}` })
  } catch (error) {
    if (codeOf(error) === 'search_refused') return undefined
    throw error
  }
}

/** Copies what was written since the copy began; a larger part may come once more, which changes nothing. */
export async function copyRest(search: OpenSearch, { from, to, after }: CopyPlan): Promise<void> {
  const { failures = [] } = await search.ask<CopyAnswer>({
    method: 'POST',
    path: '/_reindex',
    body: copyRequest(from, to, { range: { _seq_no: { gt: after } } }),
    timeoutMs: 15_000,
  })
  if (failures.length === 0) return
  throw new KeeperError(
    'reindex_incomplete',
    `${to} does not take a deal: ${JSON.stringify(failures[0]).slice(0, 500)}`,
  )
}
