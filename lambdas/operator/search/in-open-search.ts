import { marketplaceOf } from '../../core/marketplaces.ts'
import { amountOfNumber } from '../../core/money.ts'
import type { DealDocument } from '../../core/search/deal-document.ts'
import { DEALS_ALIAS } from '../../core/search/deals-index.ts'
import type { OpenSearch } from '../../core/search/open-search.ts'
import type { DealSummary } from '../postgres/deals.ts'
import type { DealQuery, FindDeals } from './deal-query.ts'

/** Someone waits, and Postgres can answer too. */
const TIMEOUT_MS = 5_000

interface Answer {
  readonly hits: { readonly hits: readonly { readonly _source: DealDocument }[] }
}

/** Looks in the index of deals. */
export const findInOpenSearch =
  (openSearch: OpenSearch): FindDeals =>
  async (query) => {
    const { hits } = await openSearch.ask<Answer>({
      method: 'POST',
      path: `/${DEALS_ALIAS}/_search`,
      body: bodyOf(query),
      timeoutMs: TIMEOUT_MS,
    })
    return hits.hits.map(({ _source }) => summaryOf(_source))
  }

/** https://docs.opensearch.org/latest/query-dsl/ */
function bodyOf({ words, match, sort, limit, ...limits }: DealQuery): object {
  const range = (field: keyof DealDocument, bounds: object) => [{ range: { [field]: bounds } }]
  return {
    size: limit + 1,
    track_total_hits: false,
    query: {
      bool: {
        must: words.map(match === 'words' ? hasWord : hasSimilarWord),
        filter: [
          ...(limits.domain === undefined ? [] : [{ term: { domain: limits.domain } }]),
          ...(limits.maxPrice === undefined ? [] : range('current_price', { lte: Number(limits.maxPrice) })),
          ...(limits.minRating === undefined ? [] : range('rating', { gte: limits.minRating })),
          ...(limits.minDiscount === undefined ? [] : range('discount_percent', { gte: limits.minDiscount })),
        ],
      },
    },
    sort: [
      ...(sort === 'relevance' ? [] : [ORDERS[sort]]),
      { _score: 'desc' },
      ...[ORDERS.discount, { domain: 'asc' }, { asin: 'asc' }],
    ],
  }
}

const ORDERS = {
  price: { current_price: 'asc' },
  discount: { discount_percent: { order: 'desc', missing: '_last' } },
  newest: { deal_at: 'desc' },
} as const

/** In German, in English, or as the beginning of a word, which counts less. */
const hasWord = (word: string): object => ({
  dis_max: {
    queries: [
      { match: { title: word } },
      { match: { 'title.english': word } },
      { match: { 'title.prefix': { query: word, boost: 0.5 } } },
    ],
  },
})

/** One character may differ from three letters on, two from six: what AUTO means. */
const hasSimilarWord = (word: string): object => ({
  dis_max: {
    queries: ['title', 'title.english'].map((field) => ({
      match: { [field]: { query: word, fuzziness: 'AUTO' } },
    })),
  },
})

function summaryOf(deal: DealDocument): DealSummary {
  return {
    ...{ asin: deal.asin, domain: deal.domain, title: deal.title },
    currency: marketplaceOf(deal.domain)?.currency ?? '',
    price: amountOfNumber(deal.current_price) ?? '',
    original: deal.original_price === null ? null : (amountOfNumber(deal.original_price) ?? null),
    discount: deal.discount_percent,
    rating: deal.rating,
    reviews: deal.review_count,
    salesRank: deal.sales_rank,
    dealAt: `${deal.deal_at.slice(0, 'YYYY-MM-DDTHH:MM:SS'.length)}Z`,
  }
}
