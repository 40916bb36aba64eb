import type { OpenSearch } from '../core/search/open-search.ts'

/** Every index of deals, and their alias. */
const INDICES = ['deals', 'deals-*']

/**
 * What a caller may do whom IAM lets in: everything with the indices of deals, nothing with any other, nothing with the
 * cluster. Which function may send which request is said by IAM alone (lib/constructs/search/search-domain.ts).
 * https://docs.opensearch.org/latest/security/access-control/permissions/
 */
const ROLE = {
  description: 'The indices of deals, for the functions that IAM lets in',
  cluster_permissions: ['cluster_composite_ops', 'cluster_monitor', 'indices:data/write/reindex'],
  index_permissions: [{ index_patterns: INDICES, allowed_actions: ['indices_all'] }],
}

const NAME = 'keeper'

/**
 * Writes the role and gives it to everyone who has signed a request: without, the domain refuses all but its master, the
 * caller. Written again, both stay as they are.
 * https://docs.opensearch.org/latest/security/access-control/api/
 */
export async function allowDeals(openSearch: OpenSearch): Promise<void> {
  const put = (kind: 'roles' | 'rolesmapping', body: object) =>
    openSearch.ask({ method: 'PUT', path: `/_plugins/_security/api/${kind}/${NAME}`, body })
  await put('roles', ROLE)
  await put('rolesmapping', { users: ['*'] })
}
