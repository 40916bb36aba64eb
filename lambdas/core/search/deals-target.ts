import { codeOf, KeeperError } from '../errors.ts'
import { DEALS_ALIAS, DEALS_INDEX, dealsIndexName, type IndexDefinition } from './deals-index.ts'
import type { OpenSearch } from './open-search.ts'

/** The index that the alias leads to now. */
export interface DealsTarget {
  /** `deals-v1` */
  readonly index: string
  /** The fields that its mapping knows. */
  readonly fields: ReadonlySet<string>
}

/** The index behind the alias; undefined where there is none yet. */
export async function findDealsTarget(search: OpenSearch): Promise<DealsTarget | undefined> {
  try {
    const found = await search.ask<
      Readonly<Record<string, { mappings: { properties?: Readonly<Record<string, unknown>> } }>>
    >({ method: 'GET', path: `/${DEALS_ALIAS}/_mapping` })
    const [entry] = Object.entries(found)
    return entry && { index: entry[0], fields: new Set(Object.keys(entry[1].mappings.properties ?? {})) }
  } catch (error) {
    if (codeOf(error) === 'search_index_missing') return undefined
    throw error
  }
}

/**
 * The index behind the alias. The first caller creates both, and no other way leads to an index: OpenSearch would guess the
 * mapping of one that it makes by itself.
 */
export async function openDealsTarget(
  search: OpenSearch,
  definition: IndexDefinition = DEALS_INDEX,
): Promise<DealsTarget> {
  const found = await findDealsTarget(search)
  if (found) return found
  const index = dealsIndexName(definition.version)
  await createIndex(search, index, definition)
  await search.ask({
    method: 'POST',
    path: '/_aliases',
    body: { actions: [{ add: { index, alias: DEALS_ALIAS } }] },
  })
  const made = await findDealsTarget(search)
  if (made) return made
  throw new KeeperError('search_index_missing', `OpenSearch has made ${index} and does not show it.`, {
    retriable: true,
  })
}

/** Creates an index; one that is there already, because another caller was faster, stays as it is. */
export async function createIndex(
  search: OpenSearch,
  index: string,
  { mappings, settings }: IndexDefinition,
): Promise<void> {
  try {
    await search.ask({ method: 'PUT', path: `/${index}`, body: { mappings, settings }, timeoutMs: 30_000 })
  } catch (error) {
    if (codeOf(error) !== 'search_index_exists') throw error
  }
}
