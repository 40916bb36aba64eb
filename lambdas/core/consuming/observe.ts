import type { PoolClient } from 'pg'
import { raiseAlerts } from '../postgres/price-alerts.ts'
import { notInHistory, type PriceSource } from '../postgres/price-history.ts'
import { type ProductPrices, type Stored, storePrices } from '../postgres/store-prices.ts'
import type { Sent } from '../postgres/transaction.ts'
import type { AcceptedRecord, Delivery, PricedEvent, StoreCounts } from './consumer.ts'
import { hitsOf, pricesByProduct } from './news.ts'

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
  let unwatched = 0
  while (fresh.length > 0) {
    const products = pricesByProduct(fresh)
    const stored = await storePrices(client, source, products)
    const raised = alert(client, source, products, stored)
    historyRows += sum(stored.products, ({ observations }) => observations.length)
    unwatched = fresh.length - sum(stored.products, (product) => product.records)
    if (!createProducts || unwatched === 0) {
      return { answers: raised.then((more) => ({ historyRows, alerts: alerts + more, unwatched })) }
    }
    alerts += await raised
    const withRow = new Set(stored.products)
    const without = products.filter((product) => !withRow.has(product))
    const left = new Set(without.flatMap(({ observations }) => observations))
    fresh = fresh.filter((record) => left.has(record))
    await createProducts(
      client,
      fresh.map(({ event }) => event),
    )
  }
  return { answers: Promise.resolve({ historyRows, alerts, unwatched }) }
}

function alert(
  client: PoolClient,
  source: PriceSource,
  products: readonly ProductPrices[],
  { near }: Stored,
): Promise<number> {
  const beside = new Map(near.map(({ id, index }) => [id, products[index]?.observations ?? []]))
  return raiseAlerts(client, source, hitsOf(products, near), beside)
}

const sum = (products: readonly ProductPrices[], count: (product: ProductPrices) => number): number =>
  products.reduce((total, product) => total + count(product), 0)
