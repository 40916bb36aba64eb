import type { OpenSearch } from './open-search.ts'
import { type Meaning, meaningOf, type SearchFault, shownFault } from './refusals.ts'

/** What became of one document of a request. */
export interface BulkOutcome {
  readonly meaning: Meaning | 'stored'
  /** OpenSearch's reason; empty if it is stored. */
  readonly reason: string
}

interface BulkAnswer {
  readonly items: readonly {
    readonly index: { readonly _index: string; readonly status: number; readonly error?: SearchFault }
  }[]
}

/** Of each item only what is read here: the whole answer is as large as the request. */
const ANSWER = 'items.*._index,items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by'

/** How long OpenSearch itself waits for a shard that is not there yet. */
const SHARD_WAIT = '5s'

/**
 * The lines of a document that replaces an older or equal version of itself, whatever the order of arrival.
 * https://docs.opensearch.org/latest/api-reference/document-apis/index-document/ (external_gte)
 */
export const indexLines = (id: string, version: number, documentJson: string): string =>
  `{"index":{"_id":"${id}","version":${version},"version_type":"external_gte"}}\n${documentJson}\n`

/**
 * Indexes documents through an alias, and reads every item of the answer. A stored document is durable: OpenSearch flushes
 * its log before it answers.
 * @returns the outcomes in order, and the index that the alias led to
 * @throws KeeperError as `ask`
 */
export async function bulk(
  search: OpenSearch,
  alias: string,
  documents: readonly string[],
  timeoutMs: number,
): Promise<{ readonly outcomes: readonly BulkOutcome[]; readonly index: string | undefined }> {
  const { items } = await search.ask<BulkAnswer>({
    method: 'POST',
    path: `/${alias}/_bulk`,
    query: { require_alias: 'true', timeout: SHARD_WAIT, filter_path: ANSWER },
    body: documents.join(''),
    timeoutMs,
  })
  return {
    outcomes: items.map(({ index: { status, error } }) => ({
      meaning: status < 300 ? 'stored' : meaningOf(status),
      reason: error ? shownFault(error) : '',
    })),
    index: items[0]?.index._index,
  }
}

/** Cuts documents into requests of at most `maxBytes`; a larger document goes alone. */
export function* inRequests<Item>(
  items: readonly Item[],
  bytesOf: (item: Item) => number,
  maxBytes: number,
): Generator<readonly Item[]> {
  let request: Item[] = []
  let bytes = 0
  for (const item of items) {
    const size = bytesOf(item)
    if (request.length > 0 && bytes + size > maxBytes) {
      yield request
      request = []
      bytes = 0
    }
    request.push(item)
    bytes += size
  }
  if (request.length > 0) yield request
}
