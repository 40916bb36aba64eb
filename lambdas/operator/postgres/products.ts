import { KeeperError } from '../../core/errors.ts'
import { nearest } from '../nearest.ts'
import { DOMAINS } from './inputs.ts'
import type { Queries } from './people.ts'
import { type NamedProduct, readProduct } from './product-address.ts'

/** A product that Keeper has. */
export interface KnownProduct {
  readonly id: string
  readonly asin: string
  readonly domain: string
}

/** The marketplace of a bare ASIN that no marketplace of ours has yet. */
const DEFAULT_DOMAIN = 'de'

/**
 * What an ASIN or address names, with a marketplace given beside it.
 * @throws KeeperError `bad_product`, where the two contradict each other as well
 */
export function namedBy(text: string, domain: string | undefined): NamedProduct {
  const named = readProduct(text)
  checkDomain(named.domain, domain)
  return { asin: named.asin, domain: named.domain ?? domain }
}

/**
 * The product that is to be watched, known or not. A bare ASIN is of `domain`, else of the one marketplace in which
 * Keeper has it, else of amazon.de.
 * @throws KeeperError `bad_product` or `product_ambiguous`
 */
export async function namedProduct(
  queries: Queries,
  text: string,
  domain: string | undefined,
): Promise<{ readonly asin: string; readonly domain: string }> {
  const { asin, domain: given } = namedBy(text, domain)
  if (given) return { asin, domain: given }
  const known = await withAsin(queries, asin)
  if (known.length > 1) throw ambiguous(asin, known)
  return { asin, domain: known[0]?.domain ?? DEFAULT_DOMAIN }
}

/**
 * The product of an ASIN or address that Keeper has.
 * @throws KeeperError `bad_product`, `product_ambiguous`, or `no_such_product` with those near it
 */
export async function knownProduct(
  queries: Queries,
  text: string,
  domain: string | undefined,
): Promise<KnownProduct> {
  const { asin, domain: given } = namedBy(text, domain)
  const known = await withAsin(queries, asin)
  const found = known.filter((product) => given === undefined || product.domain === given)
  if (found[0] && found.length === 1) return found[0]
  if (found.length > 1) throw ambiguous(asin, found)
  if (known.length > 0) {
    const domains = known.map((product) => product.domain).join(', ')
    throw new KeeperError('no_such_product', `Keeper has no ${asin} of ${given}; it has it of ${domains}.`)
  }
  const { rows } = await queries.query<{ asin: string }>(
    'select distinct asin from watched_products order by asin limit 20000',
  )
  const near = nearest(
    asin,
    rows.map(({ asin }) => asin),
  )
  const hint = near.length > 0 ? `; ASINs near it: ${near.join(', ')}` : ''
  throw new KeeperError('no_such_product', `Keeper has no product ${asin}${hint}.`)
}

async function withAsin(queries: Queries, asin: string): Promise<readonly KnownProduct[]> {
  const { rows } = await queries.query<KnownProduct>(
    'select id, asin, domain from watched_products where asin = $1 order by domain',
    [asin],
  )
  return rows
}

function checkDomain(named: string | undefined, given: string | undefined): void {
  if (given === undefined) return
  if (!DOMAINS.includes(given)) {
    throw new KeeperError(
      'bad_product',
      `"${given}" is not a marketplace: it is one of ${DOMAINS.join(', ')}.`,
    )
  }
  if (named === undefined || named === given) return
  throw new KeeperError(
    'bad_product',
    `The address is of amazon.${named}, but the marketplace given is ${given}.`,
  )
}

function ambiguous(asin: string, known: readonly { readonly domain: string }[]): KeeperError {
  const domains = known.map(({ domain }) => domain).join(', ')
  return new KeeperError(
    'product_ambiguous',
    `Which ${asin}? Keeper has it of several marketplaces: --domain takes one of ${domains}.`,
  )
}
