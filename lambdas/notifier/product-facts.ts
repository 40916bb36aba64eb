import { MARKETPLACES } from '../core/marketplaces.ts'

const CURRENCIES = MARKETPLACES.map(({ domain, currency }) => `when '${domain}' then '${currency}'`).join(' ')

/**
 * ProductFacts of `product`, as SQL. The currency is its marketplace's, in which every price is read: watched_products.currency
 * is what somebody wrote who added the product, and nothing corrects it.
 */
export const PRODUCT_FACTS = `json_build_object(
    'asin', product.asin, 'domain', product.domain, 'title', product.title,
    'currency', case product.domain ${CURRENCIES} else product.currency end
  )`
