import type { Pool } from 'pg'
import { KeeperError } from '../../core/errors.ts'
import type { KeepaClient } from '../../core/keepa/client.ts'
import { dealOfProduct, type KeepaDeal } from '../../core/keepa/deals.ts'
import { knownAsins } from './known-products.ts'

/** A position within a marketplace: in Keepa's pages of deals, or by ASIN in the seed list. */
export type Place = { readonly page: number } | { readonly afterAsin: string }

/** Some deals of a marketplace, and the next place; `next` is undefined at the end. */
export interface DealPage {
  readonly deals: readonly KeepaDeal[]
  /** Entries without a price; `unknown` counts products that Keepa does not know. */
  readonly withoutPrice: number
  readonly unknown: number
  /** Null if Keepa was not asked. */
  readonly tokensLeft: number | null
  readonly next: Place | undefined
}

/** Newest first, 150 a page: more than a day's deals that are worth sending. */
const MAX_PAGES = 10

/**
 * Deals at a place: from Keepa's deal request, or from the products of the seed list if the plan lacks deals (404).
 * @throws KeeperError as KeepaClient
 */
export async function dealsAt(
  place: Place,
  domain: string,
  {
    keepa,
    pool,
    deadlineMs,
  }: { readonly keepa: KeepaClient; readonly pool: Pool; readonly deadlineMs: number },
): Promise<DealPage> {
  if ('afterAsin' in place) return seedDeals(place.afterAsin, domain, { keepa, pool, deadlineMs })
  try {
    const answer = await keepa.deals({ domain, page: place.page, deadline: deadlineMs })
    const next = answer.isLastPage || place.page + 1 >= MAX_PAGES ? undefined : { page: place.page + 1 }
    return {
      deals: answer.deals,
      withoutPrice: answer.unusable,
      unknown: 0,
      tokensLeft: answer.tokensLeft,
      next,
    }
  } catch (error) {
    if (!(error instanceof KeeperError) || error.code !== 'keepa_not_found') throw error
    return seedDeals('', domain, { keepa, pool, deadlineMs })
  }
}

async function seedDeals(
  afterAsin: string,
  domain: string,
  {
    keepa,
    pool,
    deadlineMs,
  }: { readonly keepa: KeepaClient; readonly pool: Pool; readonly deadlineMs: number },
): Promise<DealPage> {
  const asins = await knownAsins(pool, domain, afterAsin)
  const last = asins.at(-1)
  if (last === undefined) return { deals: [], withoutPrice: 0, unknown: 0, tokensLeft: null, next: undefined }
  const answer = await keepa.products({ domain, asins, include: ['rating'], deadline: deadlineMs })
  const products = [...answer.products.values()]
  return {
    deals: products.flatMap((product) => dealOfProduct(product, domain) ?? []),
    withoutPrice: products.filter(({ price }) => price === undefined).length,
    unknown: answer.missing.length,
    tokensLeft: answer.tokensLeft,
    next: { afterAsin: last },
  }
}
