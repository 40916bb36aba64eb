import { createOpenSearch } from '../../../lambdas/core/search/open-search.ts'
import { poll, type WaitOptions } from '../readiness.ts'

/**
 * Waits until OpenSearch answers and every index can be read and written.
 * @throws KeeperError `search_unreachable`, or what it answers
 */
export async function waitForOpenSearch(url: string, options: WaitOptions): Promise<void> {
  const search = createOpenSearch({ SEARCH_ENDPOINT: url })
  try {
    await poll(options, async () => {
      await search?.ask({
        method: 'GET',
        path: '/_cluster/health',
        query: { wait_for_status: 'yellow', timeout: '1s' },
        timeoutMs: 3_000,
      })
    })
  } finally {
    search?.close()
  }
}
