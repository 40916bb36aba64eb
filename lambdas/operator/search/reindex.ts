import { object } from 'valibot'
import { KeeperError } from '../../core/errors.ts'
import { DEALS_INDEX } from '../../core/search/deals-index.ts'
import { operation } from '../operation.ts'
import { type ReindexState, replaceDealsIndex } from './replace-index.ts'

export const reindexDeals = operation({
  access: 'change',
  does: 'Fills a new index of deals and moves the alias to it; ask again until the state is done.',
  input: object({}),
  run: async (_, { openSearch, deadlineMs }): Promise<ReindexState> => {
    if (openSearch) return replaceDealsIndex(openSearch, DEALS_INDEX, deadlineMs)
    throw new KeeperError(
      'search_off',
      'Search is off: there is no OpenSearch (SEARCH_ENDPOINT). Deploy with -c search=true, or `npm run local -- --search`.',
    )
  },
})
