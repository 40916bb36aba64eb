import type { PoolClient } from 'pg'
import { raiseAlerts } from '../postgres/price-alerts.ts'
import { notInHistory, type Observation, type PriceSource } from '../postgres/price-history.ts'
import { type ProductPrices, storePrices } from '../postgres/store-prices.ts'
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
export async function observePrices<Event extends PricedEvent & { readonly title: string }>(
  client: PoolClient,
  { source, createProducts }: ObserveOptions<Event>,
  records: readonly AcceptedRecord<Event>[],
  delivery: Delivery,
): Promise<StoreCounts> {
  const all = records.map(observationOf)
  let fresh = delivery === 'again' ? await notInHistory(client, source, all) : all
  while (fresh.length > 0) {
    const products = pricesByProduct(fresh)
    const stored = await storePrices(client, source, products, createProducts ? 'all' : 'any')
    if (stored.outcome === 'stored') {
      const hits = hitsOf(products, stored.near)
      const beside = new Map(stored.near.map(({ id, index }) => [id, products[index]?.observations ?? []]))
      return {
        historyRows: sum(stored.products, ({ observations }) => observations.length),
        alerts: await raiseAlerts(client, source, hits, beside),
        unwatched: fresh.length - sum(stored.products, (product) => product.records),
      }
    }
    if (stored.outcome === 'known') fresh = await notInHistory(client, source, fresh)
    else
      await createProducts?.(
        client,
        records.map(({ event }) => event),
      )
  }
  return { historyRows: 0, alerts: 0, unwatched: 0 }
}

const observationOf = <Event extends PricedEvent & { readonly title: string }>(
  { record, event, price, time, timeFlag }: AcceptedRecord<Event>,
  position: number,
): Observation => ({
  position,
  domain: event.domain,
  asin: event.asin,
  title: event.title,
  price,
  time,
  timeFlag,
  topic: record.topic,
  partition: record.partition,
  offset: record.offset,
})

const sum = (products: readonly ProductPrices[], count: (product: ProductPrices) => number): number =>
  products.reduce((total, product) => total + count(product), 0)
