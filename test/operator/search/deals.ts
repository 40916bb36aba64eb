import type pg from 'pg'
import type { DealDocument } from '../../../lambdas/core/search/deal-document.ts'

/** Deals that searches are tried on. */
export const DEALS = [
  deal('B000000001', 'Logitech K380 Multi-Device Bluetooth Keyboard QWERTZ', {
    ...{ price: '34.99', discount: 30, rating: 4.5, at: '2026-02-20T12:00:00Z' },
  }),
  deal('B000000002', 'Logitech MX Keys Mini Funktastatur', {
    ...{ price: '79.90', discount: 12.5, rating: 4.7, at: '2026-02-21T12:00:00Z' },
  }),
  deal('B000000003', 'Zwei Gaming-Mäuse im Set, schwarz', {
    ...{ price: '24.00', discount: 45, rating: 3.9, at: '2026-02-22T12:00:00Z' },
  }),
  deal('B000000004', 'Maus aus Holz für Kinder', {
    ...{ price: '9.99', discount: null, rating: null, at: '2026-02-23T12:00:00Z' },
  }),
  deal('B000000005', 'Kopfhörer mit Kabel', {
    ...{ price: '19.99', discount: 5, rating: 4, at: '2026-02-24T12:00:00Z' },
  }),
  deal('B000000006', 'Logitech K380 keyboard for business', {
    ...{ domain: 'com', price: '29.99', discount: 25, rating: 4.4, at: '2026-02-25T12:00:00Z' },
  }),
]

interface TestDeal {
  readonly asin: string
  readonly domain: string
  readonly title: string
  readonly price: string
  readonly discount: number | null
  readonly rating: number | null
  readonly at: string
}

function deal(
  asin: string,
  title: string,
  facts: Omit<TestDeal, 'asin' | 'title' | 'domain'> & { readonly domain?: string },
): TestDeal {
  return { asin, title, domain: 'de', ...facts }
}

/** A deal as the index has it. */
export const documentOf = ({ asin, domain, title, price, discount, rating, at }: TestDeal): DealDocument => ({
  ...{ asin, domain, title, rating },
  current_price: Number(price),
  original_price: null,
  discount_percent: discount,
  ...{ review_count: null, sales_rank: null, deal_at: at },
})

/** Puts the deals into Postgres's table. */
export async function insertDeals(pool: pg.Pool): Promise<void> {
  await pool.query(
    `insert into deals (asin, domain, title, current_price, discount_percent, rating, deal_at)
     select asin, domain, title, price::numeric, discount, rating, at::timestamptz
     from json_to_recordset($1) as deal
       (asin text, domain text, title text, price text, discount numeric, rating numeric, at text)`,
    [JSON.stringify(DEALS)],
  )
}

/**
 * What both sources find, by the last digits of the ASINs. With one digit the order does not matter to a person;
 * `similar` where the words have a typo.
 */
export const SEARCHES: readonly (readonly [
  name: string,
  input: object,
  found: readonly string[],
  match?: 'similar',
])[] = [
  ['words in any order and case', { query: 'k380 LOGITECH', domain: 'de' }, ['1']],
  ['a singular of a plural in a compound', { query: 'maus', sort: 'price' }, ['4', '3']],
  ['a plural of a singular', { query: 'Mäuse', sort: 'newest' }, ['4', '3']],
  ['a part of a compound', { query: 'tastatur' }, ['2']],
  ['the beginning of a word', { query: 'logi mini' }, ['2']],
  ['an English plural', { query: 'keyboards', sort: 'price' }, ['6', '1']],
  ['umlauts as they are typed without', { query: 'kopfhoerer' }, ['5']],
  ['a typo', { query: 'logitehc', sort: 'price' }, ['6', '1', '2'], 'similar'],
  ['a typo beside a word that is right', { query: 'k380 keybord', sort: 'price' }, ['6', '1'], 'similar'],
  ['a marketplace', { query: 'k380', domain: 'com' }, ['6']],
  ['a price', { query: 'logitech', maxPrice: '34.99', sort: 'price' }, ['6', '1']],
  ['a rating', { query: 'logitech', minRating: 4.5, sort: 'price' }, ['1', '2']],
  ['a discount', { query: 'logitech', minDiscount: 25, sort: 'discount' }, ['1', '6']],
  ['discounts, those without one at the end', { query: 'maus', sort: 'discount' }, ['3', '4']],
  ['nothing', { query: 'xylophon' }, []],
]

/** The last digit of each row's ASIN. */
export const digitsOf = (rows: readonly { readonly asin: string }[]): string[] =>
  rows.map(({ asin }) => asin.slice(-1))
