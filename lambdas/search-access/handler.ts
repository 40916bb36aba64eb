import middy from '@middy/core'
import { createLogger } from '../core/logger.ts'
import { reportInvocation } from '../core/report-invocation.ts'
import { requireOpenSearch } from '../core/search/open-search.ts'
import { allowDeals } from './allow-deals.ts'

const log = createLogger({ function: 'search-access' })

/** Invoked by each deployment that changes it, and by each start of `npm run local -- --search`. */
export const handler = middy<unknown, void>()
  .use(reportInvocation(log))
  .handler(async () => {
    const openSearch = requireOpenSearch(process.env)
    // One on this machine has no users: its address says so.
    if (openSearch.endpoint.startsWith('http:')) return
    try {
      await allowDeals(openSearch)
      log.info('the indices of deals are open to the functions that IAM lets in')
    } finally {
      openSearch.close()
    }
  })
