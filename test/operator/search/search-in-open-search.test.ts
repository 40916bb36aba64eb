import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { bulk, indexLines } from '../../../lambdas/core/search/bulk.ts'
import { dealIdOf } from '../../../lambdas/core/search/deal-document.ts'
import { DEALS_ALIAS } from '../../../lambdas/core/search/deals-index.ts'
import { openDealsTarget } from '../../../lambdas/core/search/deals-target.ts'
import type { Match } from '../../../lambdas/operator/search/deal-query.ts'
import { sayMissing, takeSearch } from '../../helpers/search.ts'
import { type Operators, operatorsOf } from '../operators.ts'
import { DEALS, digitsOf, documentOf, SEARCHES } from './deals.ts'

const engine = await takeSearch()

if ('missing' in engine) test('searching needs OpenSearch', () => sayMissing(engine.missing))
else {
  const { search } = engine
  let operators: Operators
  beforeAll(async () => {
    await openDealsTarget(search)
    const lines = DEALS.map((deal) =>
      indexLines(dealIdOf(deal), Date.parse(deal.at), JSON.stringify(documentOf(deal))),
    )
    await bulk(search, DEALS_ALIAS, lines, 30_000)
    await engine.refresh()
    operators = operatorsOf('postgresql://localhost:1/none', undefined, { openSearch: search })
  })
  afterAll(async () => {
    await operators.close()
    await engine.close()
  })

  test.each(SEARCHES)(
    'OpenSearch finds %s, as Postgres does',
    async (_, input, found, match: Match = 'words') => {
      const { rows, ...about } = await operators.ask('deals.search', input)
      expect(digitsOf(rows)).toEqual(found)
      expect(about).toEqual({ source: 'opensearch', match, hasMore: false, notice: null })
    },
  )

  test('a deal is shown as Postgres shows it', async () => {
    const { rows } = await operators.ask('deals.search', { query: 'maus', sort: 'newest' })
    expect(rows[0]).toEqual({
      ...{ asin: 'B000000004', domain: 'de', title: 'Maus aus Holz für Kinder', currency: 'EUR' },
      ...{ price: '9.99', original: null, discount: null, rating: null, reviews: null, salesRank: null },
      dealAt: '2026-02-23T12:00:00Z',
    })
  })

  test('a limit says that there are more', async () => {
    const found = await operators.ask('deals.search', { query: 'logitech', limit: 2, sort: 'price' })
    expect([digitsOf(found.rows), found.hasMore]).toEqual([['6', '1'], true])
  })
}
