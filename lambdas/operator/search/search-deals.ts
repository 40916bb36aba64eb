import { KeeperError } from '../../core/errors.ts'
import { type OperatorDependencies, operation } from '../operation.ts'
import type { DealSummary } from '../postgres/deals.ts'
import { type DealQuery, dealQueryOf, dealSearch, type FindDeals, type Match } from './deal-query.ts'
import { findInOpenSearch } from './in-open-search.ts'
import { findInPostgres } from './in-postgres.ts'

/** Deals that were found. */
export interface FoundDeals {
  readonly rows: readonly DealSummary[]
  /** Whether there are more than the limit. */
  readonly hasMore: boolean
  /** Who found them. */
  readonly source: 'opensearch' | 'postgres'
  /** `similar` where no title has the words: these have words like them. */
  readonly match: Match
  /** What the person should know; null where all is as usual. */
  readonly notice: string | null
}

export const searchDeals = operation({
  access: 'read',
  does: 'Finds deals by words of their titles: in OpenSearch where it is on, otherwise in Postgres.',
  input: dealSearch,
  run: async (input, { pool, openSearch, log }: OperatorDependencies): Promise<FoundDeals> => {
    const query = dealQueryOf(input)
    const inPostgres = findInPostgres(pool)
    if (!openSearch) return { ...(await find(query, inPostgres)), source: 'postgres', notice: null }
    try {
      return { ...(await find(query, findInOpenSearch(openSearch))), source: 'opensearch', notice: null }
    } catch (error) {
      // A search always works: Postgres has the same deals, and only takes longer.
      if (!(error instanceof KeeperError)) throw error
      log.warn('OpenSearch did not search', { code: error.code, detail: error.message })
      const notice = `Searched in Postgres: ${error.message}`
      return { ...(await find(query, inPostgres)), source: 'postgres', notice }
    }
  },
})

/** Words with typos are looked for only where no title has the words as they are written. */
async function find(
  query: Omit<DealQuery, 'match'>,
  findDeals: FindDeals,
): Promise<Pick<FoundDeals, 'rows' | 'hasMore' | 'match'>> {
  for (const match of ['words', 'similar'] as const) {
    const found = await findDeals({ ...query, match })
    if (found.length === 0) continue
    return { rows: found.slice(0, query.limit), hasMore: found.length > query.limit, match }
  }
  return { rows: [], hasMore: false, match: 'words' }
}
