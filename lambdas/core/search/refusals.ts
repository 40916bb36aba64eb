import { KeeperError } from '../errors.ts'

/** An error in an answer of OpenSearch; `type` is stable, `reason` is for people. */
export interface SearchFault {
  readonly type?: string
  readonly reason?: string
  readonly caused_by?: SearchFault
}

/** What a status and fault mean for whoever sent the request or the item of a bulk. */
export type Meaning =
  /** A newer version is stored already. */
  | 'outdated'
  /** OpenSearch or the deployment is at fault: the same may succeed later. */
  | 'again'
  /** What was sent can never be stored. */
  | 'refused'

/**
 * Statuses that no document causes: credentials and rights (401, 403; 403 is also a block on the index), an index that is
 * missing (404), a slow or busy cluster (408, 429), and everything from 500.
 */
const AGAIN = new Set([401, 403, 404, 408, 429])

/** https://docs.opensearch.org/latest/api-reference/document-apis/bulk/ (409: version conflict) */
export function meaningOf(status: number): Meaning {
  if (status === 409) return 'outdated'
  return status >= 500 || AGAIN.has(status) ? 'again' : 'refused'
}

/** "mapper_parsing_exception: failed to parse field [rating] (number_format_exception: ...)" */
export function shownFault({ type = 'unknown', reason = '', caused_by: cause }: SearchFault): string {
  return `${type}: ${reason}${cause?.reason && cause.reason !== reason ? ` (${shownFault(cause)})` : ''}`
}

/**
 * The error of an answer with a status from 400: `search_not_allowed`, `search_index_missing`, `search_overloaded`,
 * `search_failed` (all retriable), `search_index_exists` or `search_refused`, with OpenSearch's own reason.
 */
export function refusal(status: number, body: string, request: string): KeeperError {
  const { fault, what } = readFault(body)
  return new KeeperError(
    codeOfStatus(status, fault),
    `OpenSearch answered ${request} with ${status}: ${what}`,
    {
      retriable: meaningOf(status) === 'again',
    },
  )
}

function codeOfStatus(status: number, { type }: SearchFault): string {
  if (status === 401 || status === 403) return 'search_not_allowed'
  if (status === 404 && type === 'index_not_found_exception') return 'search_index_missing'
  if (type === 'resource_already_exists_exception') return 'search_index_exists'
  if (status === 429) return 'search_overloaded'
  return meaningOf(status) === 'again' && status !== 404 ? 'search_failed' : 'search_refused'
}

/** Amazon's own refusals have `message` or `Message` and no `error`. */
function readFault(body: string): { readonly fault: SearchFault; readonly what: string } {
  try {
    const json = JSON.parse(body) as { error?: SearchFault | string; message?: string; Message?: string }
    if (typeof json.error === 'object') return { fault: json.error, what: shownFault(json.error) }
    return { fault: {}, what: json.error ?? json.message ?? json.Message ?? body.slice(0, 500) }
  } catch {
    return { fault: {}, what: body.slice(0, 500) || 'no reason given' }
  }
}
