import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { MARKETPLACES } from '../../../lambdas/core/marketplaces.ts'
import { readProduct } from '../../../lambdas/operator/postgres/product-address.ts'

const asin = fc.stringMatching(/^[A-Z0-9]{10}$/)
const word = fc.stringMatching(/^[A-Za-z0-9äöü%&.,-]{0,20}$/)

/** Forms in which Amazon itself writes a product's address. */
const FORMS: readonly ((product: string, slug: string) => string)[] = [
  (product) => `/dp/${product}`,
  (product, slug) => `/${slug}/dp/${product}/ref=sr_1_1`,
  (product, slug) => `/-/en/${slug}/dp/${product}`,
  (product) => `/gp/product/${product}/`,
  (product) => `/gp/aw/d/${product}`,
  (product) => `/gp/offer-listing/${product}`,
  (product) => `/product-reviews/${product}`,
  (product) => `/exec/obidos/ASIN/${product}`,
  (product, slug) => `/sspa/click?url=%2F${encodeURIComponent(slug)}%2Fdp%2F${product}%2Fref%3Dx`,
]

describe('readProduct', () => {
  test('reads every form of address of every marketplace, whatever stands around it', () => {
    const parts = fc.record({
      marketplace: fc.constantFrom(...MARKETPLACES),
      host: fc.constantFrom('www.', 'm.', 'smile.', ''),
      scheme: fc.constantFrom('https://', 'http://', 'HTTPS://', ''),
      form: fc.constantFrom(...FORMS),
      product: asin,
      slug: word.map((text) => encodeURIComponent(text.replaceAll(/[%.]/g, '')) || 'x'),
      tracking: fc.constantFrom('', 'tag=mine-21&th=1', 'psc=1#customerReviews', 'ref=a/dp/b'),
    })
    fc.assert(
      fc.property(parts, ({ marketplace, host, scheme, form, product, slug, tracking }) => {
        const path = form(product, slug)
        const query = tracking ? `${path.includes('?') ? '&' : '?'}${tracking}` : ''
        const address = `${scheme}${host}amazon.${marketplace.domain}${path}${query}`
        expect(readProduct(` ${address}\n`)).toEqual({ asin: product, domain: marketplace.domain })
      }),
    )
  })

  test('takes a bare ASIN, in whatever case, without a marketplace', () => {
    expect(readProduct(' b07w6jn8v8 ')).toEqual({ asin: 'B07W6JN8V8', domain: undefined })
  })

  test.each([
    ['https://amzn.to/3xYzAbC', /short link, which only Amazon can resolve/],
    ['https://amzn.eu/d/B07W6JN8V8', /short link/],
    ['https://a.co/d/abcdefg', /short link/],
    ['https://www.amazon.nl/dp/B07W6JN8V8', /no prices of www\.amazon\.nl; its marketplaces are com, co\.uk/],
    ['https://amazon.de.evil.example/dp/B07W6JN8V8', /is not Amazon/],
    ['https://www.amazon.de@evil.example/dp/B07W6JN8V8', /evil\.example is not Amazon/],
    ['https://notamazon.de/dp/B07W6JN8V8', /is not Amazon/],
    ['https://www.amazon.de/', /names no product/],
    ['https://www.amazon.de/dp/B07W6JN8V8X', /names no product/],
    ['https://www.amazon.de/dp/B07W6JN8', /names no product/],
    ['ftp://www.amazon.de/dp/B07W6JN8V8', /neither an ASIN/],
    ['javascript:alert(1)', /neither an ASIN|not Amazon/],
    ['B07W6JN8V', /neither an ASIN/],
    ['', /neither an ASIN/],
  ])('refuses %p and says why', (text, reason) => {
    expect(() => readProduct(text)).toThrow(
      expect.objectContaining({ code: 'bad_product', message: expect.stringMatching(reason) }),
    )
  })

  test('reads or refuses any text, and throws nothing else', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.webUrl(), word), (text) => {
        try {
          expect(readProduct(text).asin).toMatch(/^[A-Z0-9]{10}$/)
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad_product' })
        }
      }),
    )
  })
})
