import { object } from 'valibot'
import type { Amount } from '../../core/money.ts'
import { operation } from '../operation.ts'
import type { AlertSummary } from './alerts.ts'
import { product } from './inputs.ts'
import { iso } from './page.ts'
import { knownProduct, namedBy } from './products.ts'
import { WATCHES, type WatchSummary } from './watch-rows.ts'

/** Alerts and watches of a product that its page shows; `alerts.list` and `watches.list` have all. */
const MOST_ALERTS = 500
const MOST_WATCHES = 200

/** An alert of one of the product's watches. */
export interface ProductAlert
  extends Pick<
    AlertSummary,
    'id' | 'watch' | 'user' | 'price' | 'target' | 'previous' | 'status' | 'reason'
  > {
  readonly triggeredAt: string
}

/** A product as one marketplace has it. */
export interface ProductInMarketplace {
  readonly id: string
  readonly domain: string
  readonly title: string
  readonly currency: string
  /** Null where none was seen yet. */
  readonly price: Amount | null
  readonly priceAt: string | null
  /** Since when nothing is offered; null while there is an offer. */
  readonly unavailableSince: string | null
  readonly historyImportedAt: string | null
  /** How many observations there are, gaps included: a chart that has as many is up to date. */
  readonly observations: number
  readonly watches: readonly WatchSummary[]
  /** The newest first. */
  readonly alerts: readonly ProductAlert[]
}

export interface ProductPage {
  readonly asin: string
  readonly marketplaces: readonly ProductInMarketplace[]
}

type Row = Omit<ProductInMarketplace, 'watches' | 'alerts'>

const PRODUCTS = `
select id, domain, title, currency, current_price as price, ${iso('price_at')} as "priceAt",
  ${iso('unavailable_since')} as "unavailableSince", ${iso('history_imported_at')} as "historyImportedAt",
  ((select count(*) from price_history where product_id = product.id)
    + (select count(*) from price_gaps where product_id = product.id))::integer as observations
from watched_products as product where asin = $1 order by domain
`

const ALERTS = `
select alert.id, alert.watch_id as watch, users.email as "user", watch.product_id as "productId",
  alert.triggered_price as price, alert.target_price as target, alert.previous_price as previous, alert.status,
  alert.reason, ${iso('alert.triggered_at')} as "triggeredAt"
from price_alerts as alert
join watches as watch on watch.id = alert.watch_id
join users on users.id = watch.user_id
where watch.product_id = any ($1)
order by alert.triggered_at desc, alert.id desc limit ${MOST_ALERTS}
`

export const showProduct = operation({
  access: 'read',
  does: 'Shows a product in each marketplace in which Keeper has it: price, watches and alerts.',
  input: object({ product }),
  run: async ({ product: text }, { pool }): Promise<ProductPage> => {
    const { asin } = namedBy(text, undefined)
    const { rows } = await pool().query<Row>(PRODUCTS, [asin])
    // It says which are near.
    if (rows.length === 0) await knownProduct(pool(), asin, undefined)
    const ids = rows.map(({ id }) => id)
    const [watches, alerts] = await Promise.all([
      pool().query<WatchSummary>(
        `${WATCHES} where watch.product_id = any ($1) order by watch.id limit ${MOST_WATCHES}`,
        [ids],
      ),
      pool().query<ProductAlert & { productId: string }>(ALERTS, [ids]),
    ])
    return {
      asin,
      marketplaces: rows.map((row) => ({
        ...row,
        watches: watches.rows.filter(({ productId }) => productId === row.id),
        alerts: alerts.rows
          .filter(({ productId }) => productId === row.id)
          .map(({ productId: _, ...alert }) => alert),
      })),
    }
  },
})
