import type { PoolClient } from 'pg'
import { raiseAlerts } from '../postgres/price-alerts.ts'
import { notInHistory, type PriceSource } from '../postgres/price-history.ts'
import { storePrices } from '../postgres/store-prices.ts'
import { allAnswered, type Sent } from '../postgres/transaction.ts'
import type { AcceptedRecord, Delivery, PricedEvent, StoreCounts } from './consumer.ts'
import { pricesByProduct } from './news.ts'

/** How a consumer's prices are stored. */
export interface ObserveOptions<Event> {
  readonly source: PriceSource
  /** Makes the rows of products that have none; without it their prices are counted and passed over. */
  readonly createProducts?: (client: PoolClient, events: readonly Event[]) => Promise<void>
}

/**
 * Stores each record's price in its product's history, with what follows from it: current prices and alerts.
 * What follows is drawn from the rows that were new alone, so records that come again change nothing.
 */
export async function observePrices<Event extends PricedEvent>(
  client: PoolClient,
  { source, createProducts }: ObserveOptions<Event>,
  records: readonly AcceptedRecord<Event>[],
  delivery: Delivery,
): Promise<Sent<StoreCounts>> {
  let fresh = delivery === 'again' ? await notInHistory(client, source, records) : records
  let historyRows = 0
  let alerts = 0
  while (fresh.length > 0) {
    const stored = store(client, source, fresh)
    if (!createProducts) return { answers: stored }
    const { without, ...counts } = await stored
    historyRows += counts.historyRows
    alerts += counts.alerts
    fresh = without
    if (fresh.length > 0) {
      await createProducts(
        client,
        fresh.map(({ event }) => event),
      )
    }
  }
  return { answers: Promise.resolve({ historyRows, alerts, unwatched: 0 }) }
}

interface StoredPrices<Event extends PricedEvent> extends StoreCounts {
  /** The prices of products that have no row. */
  readonly without: readonly AcceptedRecord<Event>[]
}

/** Sends what stores the prices and what raises the alerts that follow, one right behind the other. */
async function store<Event extends PricedEvent>(
  client: PoolClient,
  source: PriceSource,
  records: readonly AcceptedRecord<Event>[],
): Promise<StoredPrices<Event>> {
  const products = pricesByProduct(records)
  const [unknown, alerts] = await allAnswered([
    storePrices(client, source, products),
    raiseAlerts(client, source),
  ])
  const without = unknown.flatMap(({ observations }) => observations)
  const distinct = products.reduce((sum, { observations }) => sum + observations.length, 0)
  const unwatched = unknown.reduce((sum, product) => sum + product.records, 0)
  return { historyRows: distinct - without.length, alerts, unwatched, without }
}
