import { KeeperError } from '../../core/errors.ts'
import { MARKETPLACES, marketplaceOf } from '../../core/marketplaces.ts'

/** What somebody pasted: a bare ASIN names no marketplace. */
export interface NamedProduct {
  readonly asin: string
  readonly domain: string | undefined
}

const ASIN = /^[A-Z0-9]{10}$/i

/** The places of an ASIN in the paths of Amazon's addresses, behind a slug or a language (`/-/en/`). */
const IN_PATH =
  /\/(?:dp(?:\/product)?|gp\/product(?:\/glance)?|gp\/aw\/d|gp\/aw\/reviews|gp\/offer-listing|gp\/customer-reviews|product-reviews|(?:exec\/obidos|o)\/ASIN|d)\/([A-Z0-9]{10})(?=[/?#;%&]|$)/i

/** Hosts whose addresses only Amazon can resolve. */
const SHORT = /^(?:www\.)?(?:amzn\.(?:to|eu|com|asia|in)|a\.co)$/

const AMAZON = /^(?:[a-z0-9-]+\.)*amazon\.([a-z]{2,3}(?:\.[a-z]{2})?)$/

/**
 * The product that an ASIN or an address of Amazon names: of any marketplace and form (`dp`, `gp/product`, `gp/aw/d`,
 * with slug, language or tracking, on mobile and smile hosts, with or without `https://`).
 * @throws KeeperError `bad_product` that says what would do
 */
export function readProduct(text: string): NamedProduct {
  const trimmed = text.trim()
  if (ASIN.test(trimmed)) return { asin: trimmed.toUpperCase(), domain: undefined }
  const url = urlOf(trimmed)
  if (!url || !/[./]/.test(trimmed)) {
    throw refusal(
      `"${shortened(trimmed)}" is neither an ASIN (ten letters and digits, such as B07W6JN8V8) nor an address of Amazon.`,
    )
  }
  const domain = domainOf(url.hostname.replace(/\.$/, ''))
  const asin = asinOf(url)
  if (asin === undefined) {
    throw refusal(
      `${url.hostname}${shortened(url.pathname)} names no product: open the product's page, and paste its address.`,
    )
  }
  return { asin, domain }
}

function urlOf(text: string): URL | undefined {
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`
  const url = URL.canParse(address) ? new URL(address) : undefined
  return url && /^https?:$/.test(url.protocol) ? url : undefined
}

function domainOf(host: string): string {
  if (SHORT.test(host)) {
    throw refusal(
      `${host} is a short link, which only Amazon can resolve: open it, and paste the address of the page that it leads to.`,
    )
  }
  const [, domain] = AMAZON.exec(host) ?? []
  if (domain !== undefined && marketplaceOf(domain)) return domain
  const known = MARKETPLACES.map((marketplace) => marketplace.domain).join(', ')
  throw refusal(
    domain === undefined
      ? `${shortened(host)} is not Amazon: paste the address of a product's page there.`
      : `Keepa has no prices of ${shortened(host)}; its marketplaces are ${known}.`,
  )
}

/** Sponsored results link to the page in a parameter of their own. */
function asinOf({ pathname, searchParams }: URL): string | undefined {
  const [, asin] = IN_PATH.exec(decoded(pathname)) ?? IN_PATH.exec(searchParams.get('url') ?? '') ?? []
  if (asin) return asin.toUpperCase()
  const parameter = searchParams.get('asin') ?? searchParams.get('ASIN') ?? ''
  return ASIN.test(parameter) ? parameter.toUpperCase() : undefined
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

const refusal = (message: string): KeeperError => new KeeperError('bad_product', message)

const shortened = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text)
