import { codeOf } from '../../core/errors.ts'
import type { OpenSearch } from '../../core/search/open-search.ts'

export const refresh = async (search: OpenSearch, index: string): Promise<void> => {
  await search.ask({ method: 'POST', path: `/${index}/_refresh` })
}

/** The number of documents that a search can find. */
export async function documentsOf(search: OpenSearch, index: string): Promise<number> {
  return (await search.ask<{ count: number }>({ method: 'GET', path: `/${index}/_count` })).count
}

/** One that is not there is no error. */
export async function deleteIndex(search: OpenSearch, index: string): Promise<void> {
  try {
    await search.ask({ method: 'DELETE', path: `/${index}` })
  } catch (error) {
    if (codeOf(error) !== 'search_index_missing') throw error
  }
}

/**
 * Blocks writes, once those in flight have ended, or allows them again.
 * https://docs.opensearch.org/latest/api-reference/index-apis/blocks/
 */
export async function setWriteBlock(search: OpenSearch, index: string, isOn: boolean): Promise<void> {
  await (isOn
    ? search.ask({ method: 'PUT', path: `/${index}/_block/write` })
    : search.ask({ method: 'PUT', path: `/${index}/_settings`, body: { 'index.blocks.write': null } }))
}

/** The sequence number up to which every shard has stored what it was sent; of several shards, the smallest. */
export async function storedUpTo(search: OpenSearch, index: string): Promise<number> {
  const { indices } = await search.ask<{
    indices: Record<string, { shards: Record<string, readonly { seq_no: { global_checkpoint: number } }[]> }>
  }>({ method: 'GET', path: `/${index}/_stats/docs`, query: { level: 'shards' } })
  const copies = Object.values(indices[index]?.shards ?? {}).flat()
  return Math.min(...copies.map(({ seq_no }) => seq_no.global_checkpoint))
}
