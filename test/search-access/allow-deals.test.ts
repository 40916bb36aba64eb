import { expect, test } from '@jest/globals'
import type { OpenSearch, SearchRequest } from '../../lambdas/core/search/open-search.ts'
import { allowDeals } from '../../lambdas/search-access/allow-deals.ts'

/** In the place of the domain, whose security only AWS runs. */
async function written(): Promise<readonly SearchRequest[]> {
  const requests: SearchRequest[] = []
  const domain: OpenSearch = {
    endpoint: 'https://search.example',
    ask: async <Answer>(request: SearchRequest) => {
      requests.push(request)
      return undefined as Answer
    },
    close: () => undefined,
  }
  await allowDeals(domain)
  return requests
}

test('the role is written before it is given to whoever IAM lets in', async () => {
  expect((await written()).map(({ method, path }) => `${method} ${path}`)).toEqual([
    'PUT /_plugins/_security/api/roles/keeper',
    'PUT /_plugins/_security/api/rolesmapping/keeper',
  ])
})

test('the role reaches the indices of deals and no other, and changes nothing of the cluster', async () => {
  const [role, mapping] = await written()
  expect(role?.body).toMatchObject({
    index_permissions: [{ index_patterns: ['deals', 'deals-*'] }],
    cluster_permissions: ['cluster_composite_ops', 'cluster_monitor', 'indices:data/write/reindex'],
  })
  expect(mapping?.body).toEqual({ users: ['*'] })
})
