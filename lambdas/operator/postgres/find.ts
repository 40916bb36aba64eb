import { object } from 'valibot'
import type { Amount } from '../../core/money.ts'
import { operation } from '../operation.ts'
import { holdsEvery, words } from './words.ts'

/** Of each kind so many: a longer list is what the pages are for. */
const MOST = 8

/** What Postgres has that holds every word. */
export interface Found {
  readonly products: readonly {
    readonly asin: string
    readonly domain: string
    readonly title: string
    readonly currency: string
    readonly price: Amount | null
  }[]
  readonly deals: readonly { readonly asin: string; readonly domain: string; readonly title: string }[]
  readonly users: readonly { readonly email: string }[]
}

export const findAnything = operation({
  access: 'read',
  does: 'Finds products, deals and users by words.',
  input: object({ text: words }),
  run: async ({ text }, { pool }): Promise<Found> => {
    if (text.length === 0) return { products: [], deals: [], users: [] }
    const [products, deals, users] = await Promise.all([
      pool().query<Found['products'][number]>(
        `select asin, domain, title, currency, current_price as price
         from product_words join watched_products on id = product_id
         where ${holdsEvery('words', text)} order by id desc limit ${MOST}`,
        [text],
      ),
      pool().query<Found['deals'][number]>(
        `select asin, domain, title from deals
         where (title || ' ' || asin || ' ' || domain) ilike all ($1::text[]) order by asin, domain limit ${MOST}`,
        [text],
      ),
      pool().query<{ email: string }>(
        `select email from users where ${holdsEvery('email', text)} order by email limit ${MOST}`,
        [text],
      ),
    ])
    return { products: products.rows, deals: deals.rows, users: users.rows }
  },
})
