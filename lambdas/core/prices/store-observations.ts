import type { PoolClient } from 'pg'
import type { Counts, Redelivery } from '../consuming/topic-consumer.ts'
import { METRICS } from '../metrics.ts'
import { allAnswered, type InFlight } from '../postgres/transaction.ts'
import { raiseAlerts } from './price-alerts.ts'
import { notInHistory, type PriceSource } from './price-history.ts'
import { pricesByProduct } from './prices-by-product.ts'
import type { PricedEvent, PriceRecord } from './read-price.ts'
import { storePrices } from './store-prices.ts'

/** How a topic's prices are stored. */
export interface StoreOptions<Event> {
  /** The `source` of the history rows. */
  readonly source: PriceSource
  /** Creates missing product rows; without it, prices of products without a row are counted and skipped. */
  readonly createProducts?: (client: PoolClient, events: readonly Event[]) => Promise<void>
}

/**
 * Adds each record's price to its product's history, updates current prices and raises alerts. Both follow from new rows
 * only, so redelivered records change nothing.
 */
export async function storeObservations<Event extends PricedEvent>(
  client: PoolClient,
  { source, createProducts }: StoreOptions<Event>,
  records: readonly PriceRecord<Event>[],
  redelivery: Redelivery,
): Promise<InFlight<Counts>> {
  let fresh = redelivery === 'likely' ? await notInHistory(client, source, records) : records
  let historyRows = 0
  let alerts = 0
  while (fresh.length > 0) {
    const stored = storeOnce(client, source, fresh)
    if (!createProducts) return { answers: stored.then(countsOf) }
    const { withoutProduct, ...counts } = await stored
    historyRows += counts.historyRows
    alerts += counts.alerts
    fresh = withoutProduct
    if (fresh.length > 0) {
      await createProducts(
        client,
        fresh.map(({ event }) => event),
      )
    }
  }
  return { answers: Promise.resolve(countsOf({ historyRows, alerts, unwatched: 0 })) }
}

const countsOf = (stored: Omit<StoredPrices<PricedEvent>, 'withoutProduct'>): Counts => ({
  [METRICS.historyRowsStored]: stored.historyRows,
  [METRICS.alertsRaised]: stored.alerts,
  [METRICS.recordsUnwatched]: stored.unwatched,
})

interface StoredPrices<Event extends PricedEvent> {
  readonly historyRows: number
  readonly alerts: number
  /** Records of products that have no row. */
  readonly unwatched: number
  /** Their distinct prices. */
  readonly withoutProduct: readonly PriceRecord<Event>[]
}

/** Sends the statement that stores the prices and, without waiting, the one that raises the alerts. */
async function storeOnce<Event extends PricedEvent>(
  client: PoolClient,
  source: PriceSource,
  records: readonly PriceRecord<Event>[],
): Promise<StoredPrices<Event>> {
  const products = pricesByProduct(records)
  const [unknown, alerts] = await allAnswered([
    storePrices(client, source, products),
    raiseAlerts(client, source, records),
  ])
  const withoutProduct = unknown.flatMap(({ observations }) => observations)
  const distinct = products.reduce((total, { observations }) => total + observations.length, 0)
  const unwatched = unknown.reduce((total, product) => total + product.records, 0)
  return { historyRows: distinct - withoutProduct.length, alerts, unwatched, withoutProduct }
}
