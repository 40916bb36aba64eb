import type { IncomingMessage } from 'node:http'
import type { JsonObject } from '../../lambdas/core/keepa/json.ts'
import { MARKETPLACES } from '../../lambdas/core/marketplaces.ts'
import { type Answer, bodyText, type KeepaError, keepaError } from './answer.ts'
import type { Catalogue } from './catalogue.ts'
import { type DealSearch, selectionOf } from './deal-answer.ts'
import { productAnswer, type Slot } from './product-answer.ts'

/** What a request costs, and what it answers once that is paid; or why it is refused. */
export type Request =
  | { readonly tokens: number; readonly answer: () => JsonObject }
  | { readonly status: Answer['status']; readonly error: KeepaError }

const MOST_ASINS = 100
/** What a product costs more with `buybox=1`: akaszynski/keepa#59. */
const BUY_BOX_TOKENS = 2
const DEAL_PAGE_TOKENS = 5
const ASIN_PATTERN = /^[A-Z0-9]{10}$/

const malformed = (parameter: string): Request => ({
  status: 400,
  error: keepaError('invalidParameter', `The parameter ${parameter} is missing or malformed.`, parameter),
})

const methodNotAllowed: Request = {
  status: 405,
  error: keepaError('methodNotAllowed', 'This request is not made with that method.'),
}

/** `product`: up to 100 ASINs of one domain. Unknown ASINs are absent, and the order is the catalogue's own. */
export function productRequest(
  request: IncomingMessage,
  query: URLSearchParams,
  catalogue: Catalogue,
  slot: Slot,
): Request {
  if (request.method !== 'GET') return methodNotAllowed
  const marketplace = MARKETPLACES.find(({ keepaDomainId }) => String(keepaDomainId) === query.get('domain'))
  if (!marketplace) return malformed('domain')
  const asins = [...new Set((query.get('asin') ?? '').split(','))]
  if (asins.length > MOST_ASINS || !asins.every((asin) => ASIN_PATTERN.test(asin))) return malformed('asin')
  const flags = ['history', 'rating', 'buybox'].find((name) => !['0', '1', null].includes(query.get(name)))
  if (flags) return malformed(flags)
  const stats = query.get('stats')
  if (stats !== null && !/^[1-9]\d*$/.test(stats)) return malformed('stats')
  const view = {
    stats: stats !== null,
    history: query.get('history') !== '0',
    rating: query.get('rating') === '1',
    buyBox: query.get('buybox') === '1',
  }
  return {
    tokens: asins.length * (1 + (view.buyBox ? BUY_BOX_TOKENS : 0)),
    answer: () => ({
      products: asins
        .toSorted()
        .map((asin) => catalogue.find(marketplace.domain, asin))
        .filter((entry) => entry !== undefined)
        .map((entry) => productAnswer(entry, slot, view)),
    }),
  }
}

/** `deal`: one page of 150, asked for as a POST body or as GET `selection=`. */
export async function dealRequest(
  request: IncomingMessage,
  query: URLSearchParams,
  search: DealSearch,
  slot: Slot,
): Promise<Request> {
  if (request.method !== 'GET' && request.method !== 'POST') return methodNotAllowed
  const asked = parse(request.method === 'POST' ? await bodyText(request) : (query.get('selection') ?? ''))
  const selection = selectionOf(asked)
  if (typeof selection === 'string') return malformed(selection)
  if (!MARKETPLACES.some(({ keepaDomainId }) => keepaDomainId === selection.domainId))
    return malformed('domainId')
  return { tokens: DEAL_PAGE_TOKENS, answer: () => ({ deals: search(selection, slot) }) }
}

export function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
